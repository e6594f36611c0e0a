// One step at a time, by buttons, the list and the arrows.
const steps = [...document.querySelectorAll("[data-step]")];
const go = [...document.querySelectorAll("[data-go]")];
const turn = [...document.querySelectorAll("[data-turn]")];
let now = 0;
const show = (at) => {
  now = Math.max(0, Math.min(steps.length - 1, at));
  steps.forEach((step, number) => (step.hidden = number !== now));
  go.forEach((button, number) => {
    button.toggleAttribute("aria-current", number === now);
    if (number === now) button.setAttribute("aria-current", "step");
    button.classList.toggle("past", number < now);
  });
  for (const button of turn) button.disabled = Number(button.dataset.turn) < 0 ? now === 0 : now === steps.length - 1;
};
if (steps.length > 1) {
  document.documentElement.classList.add("ready");
  for (const part of document.querySelectorAll(".dots, .bar")) part.hidden = false;
  for (const button of go) button.addEventListener("click", () => show(Number(button.dataset.go)));
  for (const button of turn) button.addEventListener("click", () => show(now + Number(button.dataset.turn)));
  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(now + step);
  });
  show(0);
}
