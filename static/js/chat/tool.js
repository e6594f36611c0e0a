/** One tool call as a card: what was done in plain words, with arguments and result folded away. */
import { h, setText } from "./dom.js";
import { argsLine, duration, exactTime, parsedJson, toolWords } from "./words.js";

const STATUS_WORDS = {
  running: "working",
  done: "",
  failed: "failed",
  stale: "trying again",
  partial: "not finished",
};

// What became of a change, where that is more than the call's own end.
const EFFECT_WORDS = {
  undone: "Undone",
  failed: "This was not carried out.",
  unknown: "Nobody knows whether this happened. Check before you repeat it.",
};

export class ToolCard {
  /** `actions.undo(callId)` resolves when it is undone; the view tells, too. */
  constructor(item, { now, actions }) {
    Object.assign(this, { now, actions });
    this.mark = h("span.tool-mark", { "aria-hidden": "true" });
    this.name = h("span.tool-name");
    this.line = h("span.tool-line");
    this.state = h("span.tool-state");
    this.body = h("div.tool-body");
    const summary = h("summary", this.mark, this.name, this.line, this.state);
    this.details = h("details.tool", { "data-id": item.id }, summary, this.body);
    this.details.addEventListener("toggle", () => this.#fill());
    this.effect = h("p.effect", { hidden: true });
    this.node = h("div.tool-box", this.details, this.effect);
    this.update(item);
  }

  update(item) {
    this.item = item;
    const unknown = item.effect === "unknown";
    this.details.dataset.status = unknown ? "unknown" : item.status;
    setText(this.name, toolWords(item.name));
    setText(this.line, argsLine(item.args));
    const took = item.endTs ? duration(item.endTs - item.ts) : "";
    setText(this.state, [unknown ? "unknown" : STATUS_WORDS[item.status], took].filter(Boolean).join(" · "));
    this.details.title = exactTime(item.ts);
    if (item.status === "failed" && !unknown && !this.shownFailure) {
      this.shownFailure = true;
      this.details.open = true;
    }
    this.#showEffect();
    this.#fill();
  }

  continues() {
    return true;
  }

  /** Outside the summary: a button inside one could not be reached by everybody. */
  #showEffect() {
    const { effect } = this.item;
    const may = effect === "undoable" && this.actions.mayAct();
    const key = `${effect} ${may} ${this.undoing ?? false}`;
    if (key === this.shownEffect) return;
    this.shownEffect = key;
    const focused = this.effect.contains(document.activeElement);
    const words = EFFECT_WORDS[effect];
    this.effect.hidden = !words && !may;
    this.effect.dataset.effect = effect;
    const button = may && h("button.quiet", { type: "button", "aria-label": `Undo: ${toolWords(this.item.name)}`, "aria-disabled": this.undoing ? "true" : null, onclick: () => this.#undo() }, this.undoing ? "Undoing" : "Undo");
    this.effect.replaceChildren(...[words, button].filter(Boolean));
    if (focused) (this.effect.querySelector("button") ?? this.details.querySelector("summary")).focus();
  }

  async #undo() {
    if (this.undoing) return;
    this.undoing = true;
    this.#showEffect();
    try {
      await this.actions.undo(this.item.id);
    } catch (error) {
      this.actions.fail(error);
    }
    this.undoing = false;
    this.#showEffect();
  }

  /** The body costs nothing until somebody looks. */
  #fill() {
    if (!this.details.open) return;
    const { args, result, error, status } = this.item;
    const parts = [];
    if (args) parts.push(h("p.label", "Arguments"), shown(args));
    if (result != null) parts.push(h("p.label", error ? "Error" : "Result"), shown(result, error));
    else if (status === "running") parts.push(h("p.note", "The result is still to come."));
    else parts.push(h("p.note", "There is no result."));
    if (!args && result == null && status === "done") parts.push(h("p.note", "Nothing of it is published here."));
    this.body.replaceChildren(...parts);
  }
}

export function shown(text, error = false) {
  const value = parsedJson(text);
  const flat = value && typeof value === "object" && !Array.isArray(value) && Object.values(value).every((each) => typeof each !== "object");
  if (flat && Object.keys(value).length) {
    return h("dl.pairs", Object.entries(value).flatMap(([key, each]) => [h("dt", key), h("dd", String(each))]));
  }
  const pre = h(error ? "pre.is-error" : "pre", { tabindex: "0" });
  pre.textContent = value && typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  return pre;
}
