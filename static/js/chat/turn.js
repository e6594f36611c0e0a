/** What one run made: its texts and tool cards, what it is doing now, and at its end what it took. */
import { h, setText } from "./dom.js";
import { duration, isStandIn, usageWords } from "./words.js";

// An agent without a model of its own says so in its title; here it is a label.
const STAND_IN_TITLE = /\s*\(stand-in model\)$/;

export class Turn {
  constructor({ id, name, time, now, onAgain }) {
    Object.assign(this, { id, now, onAgain });
    const said = STAND_IN_TITLE.test(name);
    name = name.replace(STAND_IN_TITLE, "");
    this.label = h("span.stand-in", { hidden: !said, title: "No model is connected: a built-in stand-in writes the answers from your data." }, "stand-in model");
    this.items = h("div.turn-items");
    this.doing = h("span.doing-text");
    this.status = h("p.doing", { hidden: true }, h("span.pulse", { "aria-hidden": "true" }), this.doing);
    this.foot = h("footer.turn-foot", { hidden: true });
    this.node = h("article.turn", { "data-run": id ?? "", "aria-label": `${name} answered` }, h("header.msg-who", h("h2", name), this.label, time), this.items, this.status, this.foot);
  }

  /** @param run The view's run, or null for texts outside any run. @param open The item that is being written. */
  update(run, { open, inputText, startTs, copyText }) {
    this.run = run;
    // The time in the queue is not the agent's.
    this.startTs = startTs;
    this.open = open;
    if (!run) return;
    const over = run.endTs != null;
    this.node.dataset.status = run.status;
    this.node.ariaBusy = over ? null : "true";
    if (isStandIn(standInName(run))) this.label.hidden = false;
    this.tick();
    this.foot.hidden = !over;
    if (over && this.footed !== run.status) {
      this.footed = run.status;
      this.foot.replaceChildren(...this.#foot(run, inputText, copyText));
    }
  }

  /** The line that says what is being done, with the time it takes; once a second while the run is open. */
  tick() {
    const run = this.run;
    if (!run) return;
    const over = run.endTs != null;
    this.status.hidden = over;
    if (!over) setText(this.doing, doingWords(run, this.open, this.now(), this.startTs));
  }

  get ticking() {
    return this.run != null && this.run.endTs == null;
  }

  #foot(run, inputText, copyText) {
    const parts = [];
    if (run.status === "failed") {
      parts.push(
        h("div.run-error", { role: "note" },
          h("p", h("b", "No answer came. "), run.error?.message ?? "", " ", h("code", run.error?.code ?? "error")),
          inputText && h("button.quiet", { type: "button", onclick: () => this.onAgain(inputText) }, "Ask again")),
      );
    }
    if (run.status === "cancelled") parts.push(h("span", "Stopped"));
    if (run.status === "interrupted") parts.push(h("span", "Waits for an answer"));
    const { tokens, cost, model } = usageWords(run.usage);
    const took = run.endTs && this.startTs ? duration(run.endTs - this.startTs) : null;
    const facts = [took, tokens && `${tokens.toLocaleString()} tokens`, cost, model, run.attempt > 1 && `attempt ${run.attempt}`];
    parts.push(...facts.filter(Boolean).map((fact) => h("span", String(fact))));
    if (copyText) parts.push(h("button.quiet", { type: "button", "data-copy": "answer" }, "Copy"));
    return parts;
  }
}

function standInName(run) {
  const rows = Array.isArray(run.usage) ? run.usage : [run.usage ?? {}];
  return rows.find((row) => isStandIn(row.model))?.model ?? run.result?.model ?? "";
}

export function doingWords(run, open, now, startTs = run.ts) {
  if (run.status === "queued") return `Starting${elapsed(now - startTs)}`;
  if (run.status === "retrying") return `Trying again: the worker that wrote this was lost (attempt ${run.attempt})`;
  if (run.status === "waiting" && run.waiting) {
    const left = Math.ceil(((run.waiting.until ?? now) - now) / 1000);
    return `${run.waiting.message ?? "Waiting"}${left > 0 ? ` Continues in ${left} s.` : ""}`;
  }
  if (open?.kind === "tool") return `Waiting for the result${elapsed(now - open.ts)}`;
  const time = elapsed(now - startTs);
  return `${open?.kind === "message" ? "Writing" : "Thinking"}${time}`;
}

function elapsed(ms) {
  return ms >= 3000 ? ` · ${Math.floor(ms / 1000)} s` : "";
}
