/** Stopping: one button and Escape for all that is under way, from any device, also after a reload. */
import { isRunOver } from "../session/fold.js";
import { setText } from "./dom.js";

/** Ids of the runs that a stop would end: those under way, begun or not, and those whose question is open. */
export function stoppable(view) {
  const ids = new Set(Object.keys(view.runs).filter((id) => !isRunOver(view.runs[id])));
  for (const item of view.items) if (item.kind === "interrupt" && item.status === "open" && item.run) ids.add(item.run);
  return [...ids];
}

export class StopControl {
  /** `run(command, fields)` sends; `onChange(ids)` is told when runs begin or cease to be about to stop. */
  constructor({ button, run, view, mayAct, fail, onChange }) {
    Object.assign(this, { button, run, view, mayAct, fail, onChange });
    this.stopping = new Set();
    button.addEventListener("click", () => this.stop());
    addEventListener("keydown", (event) => this.#key(event));
  }

  /** One run, or all. What is asked names each run, so that a repeated command ends nothing that began later. */
  async stop(ids = stoppable(this.view())) {
    const asked = ids.filter((id) => !this.stopping.has(id));
    if (!asked.length || !this.mayAct()) return;
    for (const id of asked) this.stopping.add(id);
    this.#changed(asked);
    const outcomes = await Promise.allSettled(asked.map((id) => this.run("stop", { run: id })));
    const failed = outcomes.find((each) => each.status === "rejected");
    if (!failed) return;
    for (const id of asked) this.stopping.delete(id);
    this.#changed(asked);
    this.fail(failed.reason);
  }

  /** After the view changed. */
  update() {
    const ids = stoppable(this.view());
    for (const id of this.stopping) if (!ids.includes(id)) this.stopping.delete(id);
    const pending = ids.length > 0 && ids.every((id) => this.stopping.has(id));
    const hidden = !ids.length || !this.mayAct();
    if (hidden && document.activeElement === this.button && matchMedia("(pointer: fine)").matches) document.querySelector("#composer-text")?.focus();
    this.button.hidden = hidden;
    this.button.dataset.pending = pending;
    this.button.ariaDisabled = pending ? "true" : null;
    setText(this.button.querySelector(".stop-word"), pending ? "Stopping" : "Stop");
  }

  #changed(ids) {
    this.update();
    this.onChange(ids);
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    // In a field of its own, a note for example, Escape means that field.
    if (event.target.closest?.("input, select, textarea:not(#composer-text), details.menu")) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    this.stop();
  }
}
