/** A waiting message in the course of being reworded, in its place in the queue. */
import { h } from "./dom.js";

export class QueueEditor {
  constructor({ id, text, save: word = "Save", onSave, onCancel }) {
    Object.assign(this, { id, before: text });
    this.box = h("textarea", { id: `edit-${id}`, rows: "2", maxlength: "20000", "data-focus": "box" });
    this.box.value = text;
    const save = () => this.text.trim() && onSave(this.text);
    this.box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        event.preventDefault(); // Escape ends the editing, not the answer
        onCancel();
      } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey || !matchMedia("(pointer: coarse)").matches)) {
        event.preventDefault();
        save();
      }
    });
    this.node = h("div.queue-editor",
      h("label.sr-only", { for: this.box.id }, "New wording"),
      this.box,
      h("div.queue-actions",
        h("button.quiet", { type: "button", "data-focus": "save", onclick: save }, word),
        h("button.quiet", { type: "button", "data-focus": "cancel", onclick: onCancel }, "Cancel")));
  }

  get text() {
    return this.box.value;
  }

  get changed() {
    return this.text !== this.before;
  }

  focus() {
    this.box.focus();
    this.box.setSelectionRange(this.text.length, this.text.length);
  }
}
