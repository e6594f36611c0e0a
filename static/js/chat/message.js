/** One message: a person's as they typed it, an answer as markdown that grows. */
import { h, setText } from "./dom.js";
import { Markdown } from "./markdown.js";

export class AnswerText {
  constructor(item) {
    this.prose = h("div.prose");
    this.note = h("p.msg-note", { hidden: true });
    this.node = h("div.answer", { "data-id": item.id }, this.note, this.prose);
    this.markdown = new Markdown(this.prose);
    this.written = 0;
    this.ended = false;
    this.item = item;
    this.update(item);
  }

  /** Write what came since the last time. Called once for each frame of the screen, however many deltas came. */
  update(item) {
    this.item = item;
    if (item.text.length > this.written) {
      this.markdown.write(item.text.slice(this.written));
      this.written = item.text.length;
    }
    if (this.node.dataset.status !== item.status) this.#status(item.status);
  }

  /** Whether this node can go on to show `item`: it is the same text, only longer. */
  continues(item) {
    return !this.ended && item.text.startsWith(this.item.text);
  }

  #status(status) {
    this.node.dataset.status = status;
    if ((status === "done" || status === "partial") && !this.ended) {
      this.ended = true;
      this.markdown.end(status === "partial");
    }
    const notes = { stale: "This was interrupted. Trying again; a new text will replace it.", partial: "The answer ends here." };
    setText(this.note, notes[status] ?? "");
    this.note.hidden = !notes[status];
    // The note of what ends stands below, the one of what is replaced above.
    if (status === "partial") this.node.append(this.note);
  }
}

export class PersonText {
  constructor(item, { name, time }) {
    this.text = h("div.said");
    this.node = h("article.msg-user", { "data-id": item.id, "aria-label": `${name} wrote` }, h("header.msg-who", h("h2", name), time), this.text);
    this.update(item);
  }

  update(item) {
    this.item = item;
    setText(this.text, item.text);
  }

  continues() {
    return true;
  }
}
