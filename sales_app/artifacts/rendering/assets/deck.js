// Slides by keys, buttons, a click at the side and a swipe.
const slides = [...document.querySelectorAll(".slide")];
const place = document.getElementById("place");
const buttons = [...document.querySelectorAll("[data-step]")];
let now = 0;
const show = (at) => {
  now = Math.max(0, Math.min(slides.length - 1, at));
  slides.forEach((slide, number) => {
    slide.classList.toggle("now", number === now);
    slide.inert = number !== now;
  });
  place.textContent = `${now + 1} of ${slides.length}`;
  for (const button of buttons) button.disabled = Number(button.dataset.step) < 0 ? now === 0 : now === slides.length - 1;
};
const STEPS = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  // A space on a button presses it.
  if (event.key === " " && event.target.closest("button, a")) return;
  if (event.key === "Home") show(0);
  else if (event.key === "End") show(slides.length - 1);
  else if (STEPS[event.key]) show(now + (event.shiftKey && event.key === " " ? -1 : STEPS[event.key]));
  else return;
  event.preventDefault();
});
for (const button of buttons) button.addEventListener("click", () => show(now + Number(button.dataset.step)));
// A footnote leads to the slide of the sources.
document.addEventListener("click", (event) => {
  const href = event.target.closest("a[href^='#']")?.getAttribute("href");
  const at = href ? slides.findIndex((slide) => slide.querySelector(`[id="${CSS.escape(href.slice(1))}"]`)) : -1;
  if (at >= 0) show(at);
}, true);
let from = null;
document.addEventListener("touchstart", (event) => (from = event.touches[0].clientX), { passive: true });
document.addEventListener("touchend", (event) => {
  const moved = from === null ? 0 : event.changedTouches[0].clientX - from;
  if (Math.abs(moved) > 60) show(now + (moved < 0 ? 1 : -1));
});
document.documentElement.classList.add("ready");
show(0);
