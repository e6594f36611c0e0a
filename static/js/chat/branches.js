/**
 * Branches: a message said otherwise, or answered once more, begins one beside the old. Everybody sees the same one; what is
 * not on it stays in the page, hidden, so that going back is at once.
 */
import { h, setText } from "./dom.js";
import { QueueEditor } from "./queue_editor.js";

/** The runs of the branch that is shown. */
export function shownRuns(view) {
  const shown = new Set();
  for (let at = view.session?.branch; at != null && view.runs[at] && !shown.has(at); at = view.runs[at].after) shown.add(at);
  return shown;
}

/** The turns that stand in the place of this run's, in the order they were made, by the runs that opened them. */
export function versions(view, runId) {
  const run = view.runs[runId];
  return Object.keys(view.runs).filter((id) => {
    const other = view.runs[id];
    return other.parent == null && other.resumes == null && other.after === run.after;
  });
}

export class Branches {
  /** `actions`: mayAct, revise(run, text), show(run). */
  constructor({ actions }) {
    this.actions = actions;
    this.tools = new Map(); // message id -> MessageTools
  }

  /** After the conversation was written. `people`: the parts that are messages of people; `turns`: run id -> turn. */
  update(view, people, turns) {
    const shown = shownRuns(view);
    for (const [id, turn] of turns) {
      const run = view.runs[id];
      if (run && run.parent == null && view.runs[run.resumes]?.parent == null) turn.node.hidden = !shown.has(id);
    }
    for (const part of people) this.#message(view, part, shown);
    for (const id of this.tools.keys()) if (!people.some((part) => part.item.id === id)) this.tools.delete(id);
  }

  #message(view, part, shown) {
    const { id, run } = part.item;
    if (run != null) return; // it steered a run, and goes with that
    const answers = Object.keys(view.runs).filter((each) => view.runs[each].input === id && view.runs[each].parent == null);
    const current = answers.find((each) => shown.has(each));
    part.node.hidden = answers.length > 0 && current == null;
    if (current == null) return;
    let tools = this.tools.get(id);
    if (!tools || tools.part !== part) {
      tools = new MessageTools(part, this.actions);
      this.tools.set(id, tools);
    }
    tools.update(current, versions(view, current));
  }
}

/** What one may do with a message: say it otherwise, and go to its other versions. */
class MessageTools {
  constructor(part, actions) {
    Object.assign(this, { part, actions });
    this.edit = h("button.quiet", { type: "button", onclick: () => this.#edit() }, "Edit");
    this.before = h("button.quiet", { type: "button", "aria-label": "Previous version", onclick: () => this.#go(-1) }, "‹");
    this.after = h("button.quiet", { type: "button", "aria-label": "Next version", onclick: () => this.#go(1) }, "›");
    this.place = h("span");
    this.pager = h("span.versions", { role: "group", "aria-label": "Versions", hidden: true }, this.before, this.place, this.after);
    this.node = h("div.said-tools", this.edit, this.pager);
    part.node.querySelector("header").append(this.node);
  }

  update(run, all) {
    Object.assign(this, { run, all });
    const at = all.indexOf(run);
    this.pager.hidden = all.length < 2;
    setText(this.place, `${at + 1} of ${all.length}`);
    this.before.disabled = at <= 0;
    this.after.disabled = at >= all.length - 1;
    this.edit.hidden = !this.actions.mayAct() || this.editor != null;
    for (const button of [this.before, this.after]) button.hidden = !this.actions.mayAct();
  }

  #go(step) {
    const to = this.all[this.all.indexOf(this.run) + step];
    if (to) this.actions.show(to);
  }

  #edit() {
    const { part } = this;
    const close = () => {
      this.editor?.node.remove();
      this.editor = null;
      part.text.hidden = false;
      this.edit.hidden = false;
      this.edit.focus();
    };
    this.editor = new QueueEditor({
      id: part.item.id,
      text: part.item.text,
      save: "Ask again",
      onSave: async (text) => {
        if (text === part.item.text || (await this.actions.revise(this.run, text))) close();
      },
      onCancel: close,
    });
    part.text.hidden = true;
    part.text.after(this.editor.node);
    this.edit.hidden = true;
    this.editor.focus();
  }
}
