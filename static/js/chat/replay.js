/** The inspector's slider: shows the offset while it moves, and the view when it is let go. */

const form = document.querySelector("#replay");
const slider = form?.querySelector("input[type=range]");

if (slider) {
  const shown = form.querySelector("output b");
  // With the slider working by itself the button is one thing too many.
  form.querySelector("button").hidden = true;
  slider.addEventListener("input", () => (shown.textContent = slider.value));
  slider.addEventListener("change", () => form.requestSubmit());
}
