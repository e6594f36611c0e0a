/** Below the conversation: what is accepted and waits for its turn, and what is not yet known to have arrived. */
import { isRunOver } from "../session/fold.js";
import { h } from "./dom.js";

export class Queue {
  constructor({ root, outbox, session, onEdit, nameOf, me }) {
    Object.assign(this, { root, outbox, session, onEdit, nameOf, me });
    this.shown = "";
  }

  /** @param connection The socket's state: it decides how a pending message is called. */
  update(view, connection) {
    const entries = [...queuedInputs(view), ...this.#pending(view, connection)];
    const key = JSON.stringify(entries);
    if (key === this.shown) return;
    this.shown = key;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    this.root.replaceChildren(...entries.map((entry) => this.#node(entry, view)));
    if (focused) this.root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  #pending(view, connection) {
    const known = new Set([...view.inputs.map((input) => input.id), ...view.items.map((item) => item.id)]);
    return this.outbox
      .of(this.session)
      .filter((message) => !known.has(message.id))
      .map(({ id, text, status, code, note }) => ({
        id,
        text,
        actor: this.me,
        state: status === "failed" ? "failed" : status === "sent" ? "sent" : connection === "live" ? (code ? "retrying" : "sending") : "kept",
        note: status === "failed" ? `${note ?? "It was refused."}` : code ? note : null,
        code: status === "failed" ? code : null,
      }));
  }

  #node({ id, text, actor, state, note, code }, view) {
    const words = {
      queued: note,
      never: "Not answered: its run was stopped before it began",
      sending: "Sending",
      sent: "Sent",
      retrying: `Not accepted yet: ${note} Trying again.`,
      kept: "Kept here; sent when the connection is back",
      failed: "Not sent",
    };
    const button = (label, name, run) => h("button.quiet", { type: "button", "data-focus": `${name}:${id}`, onclick: run }, label);
    return h(
      "article.msg-user.is-waiting",
      { "data-id": id, "data-state": state, "aria-label": `${this.nameOf(actor, view)} wrote` },
      h("header.msg-who", h("h2", this.nameOf(actor, view)), h("span.queue-state", words[state])),
      h("div.said", text),
      state === "failed" &&
        h("div.run-error",
          h("p", note, " ", h("code", code)),
          button("Try again", "retry", () => this.outbox.retry(id)),
          button("Edit", "edit", () => this.onEdit(this.outbox.withdraw(id))),
          button("Discard", "discard", () => this.outbox.withdraw(id))),
      state === "never" && button("Edit", "edit", () => this.onEdit(text)),
    );
  }
}

/** In order, with the place in the queue. The first of an idle session is about to begin, and is called so. */
export function queuedInputs(view) {
  const runs = new Map(Object.values(view.runs).map((run) => [run.input, run]));
  const waiting = new Set(view.inputs.map((input) => input.id));
  const busy = Object.values(view.runs).some((run) => !isRunOver(run) && !waiting.has(run.input));
  let place = 0;
  return view.inputs.map(({ id, actor, text }) => {
    const run = runs.get(id);
    if (run && isRunOver(run)) return { id, text, actor, state: "never", note: null };
    place += 1;
    const note = place === 1 ? (busy ? "Queued: next" : "About to begin") : `Queued: number ${place}`;
    return { id, text, actor, state: "queued", note };
  });
}
