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

export class ToolCard {
  constructor(item, { now }) {
    this.now = now;
    this.mark = h("span.tool-mark", { "aria-hidden": "true" });
    this.name = h("span.tool-name");
    this.line = h("span.tool-line");
    this.state = h("span.tool-state");
    this.body = h("div.tool-body");
    const summary = h("summary", this.mark, this.name, this.line, this.state);
    this.node = h("details.tool", { "data-id": item.id }, summary, this.body);
    this.node.addEventListener("toggle", () => this.#fill());
    this.update(item);
  }

  update(item) {
    this.item = item;
    this.node.dataset.status = item.status;
    setText(this.name, toolWords(item.name));
    setText(this.line, argsLine(item.args));
    const took = item.endTs ? duration(item.endTs - item.ts) : "";
    setText(this.state, [STATUS_WORDS[item.status], took].filter(Boolean).join(" · "));
    this.node.title = exactTime(item.ts);
    if (item.status === "failed" && !this.shownFailure) {
      this.shownFailure = true;
      this.node.open = true;
    }
    this.#fill();
  }

  /** The body costs nothing until somebody looks. */
  #fill() {
    if (!this.node.open) return;
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

function shown(text, error = false) {
  const value = parsedJson(text);
  const flat = value && typeof value === "object" && !Array.isArray(value) && Object.values(value).every((each) => typeof each !== "object");
  if (flat && Object.keys(value).length) {
    return h("dl.pairs", Object.entries(value).flatMap(([key, each]) => [h("dt", key), h("dd", String(each))]));
  }
  const pre = h(error ? "pre.is-error" : "pre", { tabindex: "0" });
  pre.textContent = value && typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  return pre;
}
