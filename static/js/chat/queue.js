/** Below the conversation: what is accepted and waits for its turn, and what is not yet known to have arrived. */
import { isRunOver } from "../session/fold.js";
import { h } from "./dom.js";
import { QueueEditor } from "./queue_editor.js";

export class Queue {
  /** `actions.run(command, fields)` changes what waits; `me` is who looks. */
  constructor({ root, outbox, session, onEdit, actions }) {
    Object.assign(this, { root, outbox, session, onEdit, actions });
    this.rows = new Map(); // id -> {key, node}
    this.editor = null;
    this.changing = new Set();
  }

  /** @param connection The socket's state: it decides how a pending message is called. */
  update(view, connection) {
    Object.assign(this, { view, connection });
    const entries = [...this.#waiting(view), ...this.#pending(view, connection)];
    this.#giveBackEdit(entries);
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    const place = focused?.closest("[data-id]")?.dataset.id;
    const name = focused?.dataset.focus;
    const rows = new Map(entries.map((entry) => [entry.id, this.#row(entry)]));
    for (const [id, { node }] of this.rows) if (rows.get(id)?.node !== node) node.remove();
    this.rows = rows;
    const nodes = [...rows.values()].map((row) => row.node);
    nodes.forEach((node, at) => this.root.children[at] !== node && this.root.insertBefore(node, this.root.children[at] ?? null));
    if (focused && document.activeElement !== focused) this.#focusAgain(place, name, focused);
  }

  get count() {
    return this.rows.size;
  }

  #waiting(view) {
    const queued = queuedInputs(view);
    const movable = queued.filter((entry) => entry.state === "queued").map((entry) => entry.id);
    const { me, mayAct } = this.actions;
    return queued.map((entry) => {
      const at = movable.indexOf(entry.id);
      const may = mayAct() && entry.state !== "never";
      return {
        ...entry,
        name: this.actions.nameOf(entry.actor),
        mayEdit: may && entry.actor === me, // the words are answered with their author's rights
        mayWithdraw: may,
        // In front of whom it would stand; undefined where there is no such way.
        up: may && at > 0 ? movable[at - 1] : undefined,
        down: may && at >= 0 && at < movable.length - 1 ? (movable[at + 2] ?? null) : undefined,
        changing: this.changing.has(entry.id),
        editing: this.editor?.id === entry.id,
      };
    });
  }

  #pending(view, connection) {
    const known = new Set([...view.inputs.map((input) => input.id), ...view.items.map((item) => item.id)]);
    return this.outbox
      .of(this.session)
      .filter((message) => !known.has(message.id))
      .map(({ id, text, status, code, note }) => ({
        id,
        text,
        name: this.actions.nameOf(this.actions.me),
        state: status === "failed" ? "failed" : status === "sent" ? "sent" : connection === "live" ? (code ? "retrying" : "sending") : "kept",
        note: status === "failed" ? `${note ?? "It was refused."}` : code ? note : null,
        code: status === "failed" ? code : null,
      }));
  }

  #row(entry) {
    const key = JSON.stringify(entry);
    const before = this.rows.get(entry.id);
    return before?.key === key ? before : { key, node: this.#node(entry) };
  }

  #node(entry) {
    const { id, text, name, state, note, code } = entry;
    const words = {
      queued: note,
      steering: note,
      never: "Not answered: its run was stopped before it began",
      sending: "Sending",
      sent: "Sent",
      retrying: `Not accepted yet: ${note} Trying again.`,
      kept: "Kept here; sent when the connection is back",
      failed: "Not sent",
    };
    const button = (label, focus, run, title = null) =>
      h("button.quiet", { type: "button", "data-focus": focus, "aria-label": title, "aria-disabled": entry.changing ? "true" : null, onclick: run }, label);
    return h(
      "article.msg-user.is-waiting",
      { "data-id": id, "data-state": state, "aria-label": `${name} wrote` },
      h("header.msg-who", h("h2", name), h("span.queue-state", words[state]), !entry.editing && this.#tools(entry, button)),
      entry.editing ? this.editor.node : h("div.said", text),
      state === "failed" &&
        h("div.run-error",
          h("p", note, " ", h("code", code)),
          button("Try again", "retry", () => this.outbox.retry(id)),
          button("Edit", "edit", () => this.onEdit(this.outbox.withdraw(id))),
          button("Discard", "discard", () => this.outbox.withdraw(id))),
      state === "never" && button("Edit", "edit", () => this.onEdit(text)),
    );
  }

  #tools({ id, text, mayWithdraw, mayEdit, up, down }, button) {
    if (!mayWithdraw) return null;
    return h("div.queue-tools",
      up !== undefined && button("Up", "up", () => this.#change(id, "move", { id, before: up }), "Move up"),
      down !== undefined && button("Down", "down", () => this.#change(id, "move", { id, before: down }), "Move down"),
      mayEdit && button("Edit", "edit", () => this.#edit(id, text)),
      button("Withdraw", "withdraw", () => this.#change(id, "withdraw", { id })));
  }

  /** What went wrong, or null. */
  async #change(id, command, fields) {
    if (this.changing.has(id)) return {};
    this.changing.add(id);
    this.#again();
    try {
      await this.actions.run(command, fields);
      return null;
    } catch (error) {
      this.actions.fail(error);
      return error;
    } finally {
      this.changing.delete(id);
      this.#again();
    }
  }

  #edit(id, text) {
    if (this.editor) this.#closeEditor();
    this.editor = new QueueEditor({
      id,
      text,
      onCancel: () => this.#closeEditor(),
      onSave: async (changed) => {
        const wrong = changed === text ? null : await this.#change(id, "edit", { id, text: changed, seen: text });
        const late = wrong?.code === "edited_meanwhile";
        if (!wrong || late) this.#closeEditor();
        if (late) this.onEdit(changed); // the other wording is shown again, and this one is not lost
      },
    });
    this.#again();
    this.editor.focus();
  }

  #closeEditor() {
    const { id } = this.editor ?? {};
    this.editor = null;
    this.#again();
    this.root.querySelector(`[data-id="${CSS.escape(id ?? "")}"] [data-focus=edit]`)?.focus();
  }

  /** What was being edited is taken up or withdrawn: the new wording must not be lost. */
  #giveBackEdit(entries) {
    const { editor } = this;
    if (!editor || entries.some((entry) => entry.id === editor.id)) return;
    this.editor = null;
    if (editor.changed) this.onEdit(editor.text);
    this.actions.say("This message waits no longer. Your new wording is in the message box.", editor.changed);
  }

  #again() {
    if (this.view) this.update(this.view, this.connection);
  }

  #focusAgain(id, name, focused) {
    if (focused.isConnected && this.root.contains(focused)) return focused.focus();
    const row = this.root.querySelector(`[data-id="${CSS.escape(id ?? "")}"]`);
    (row?.querySelector(`[data-focus="${name}"]`) ?? row?.querySelector("button") ?? document.querySelector("#composer-text"))?.focus();
  }
}

/** In order, with the place in the queue. The first of an idle session is about to begin, and is called so. */
export function queuedInputs(view) {
  const runs = new Map(Object.values(view.runs).map((run) => [run.input, run]));
  const waiting = new Set(view.inputs.map((input) => input.id));
  const busy = Object.values(view.runs).some((run) => !isRunOver(run) && !waiting.has(run.input));
  const asked = view.items?.some((item) => item.kind === "interrupt" && item.status === "open");
  let place = 0;
  return view.inputs.map(({ id, actor, text, steer }) => {
    const run = runs.get(id);
    if (run && isRunOver(run)) return { id, text, actor, state: "never", note: null };
    if (steer) return { id, text, actor, state: "steering", note: "For the answer under way" };
    place += 1;
    return { id, text, actor, state: "queued", note: waitsFor(place, { busy, asked, held: view.session?.control != null }) };
  });
}

function waitsFor(place, { busy, asked, held }) {
  if (place > 1) return `Queued: number ${place}`;
  if (busy) return "Queued: next";
  if (held) return "Queued until control is given back";
  return asked ? "Queued: next after the open question" : "About to begin";
}
