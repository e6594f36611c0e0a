/** What one run made: its texts and tool cards, what it is doing now, and at its end what it took. */
import { h, setText } from "./dom.js";
import { count, duration, isStandIn, stoppedWords, usageWords } from "./words.js";

// An agent without a model of its own says so in its title; here it is a label.
const STAND_IN_TITLE = /\s*\(stand-in model\)$/;

export class Turn {
  /** @param resumes Whether it goes on right below the run whose questions were answered: then it needs no new head. */
  constructor({ id, name, time, now, actions, resumes = false }) {
    Object.assign(this, { id, now, actions });
    const said = STAND_IN_TITLE.test(name);
    name = name.replace(STAND_IN_TITLE, "");
    this.label = h("span.stand-in", { hidden: !said, title: "No model is connected: a built-in stand-in writes the answers from your data." }, "stand-in model");
    this.items = h("div.turn-items");
    this.doing = h("span.doing-text");
    this.stop = h("button.quiet", { type: "button", hidden: true, "aria-label": `Stop ${name}`, onclick: () => actions.stop(id) }, "Stop");
    this.status = h("div.doing", { hidden: true }, h("span.pulse", { "aria-hidden": "true" }), this.doing, this.stop);
    this.foot = h("footer.turn-foot", { hidden: true });
    this.node = h(resumes ? "article.turn.goes-on" : "article.turn", { "data-run": id ?? "", "aria-label": `${name} answered` }, h("header.msg-who", h("h2", name), this.label, time), this.items, this.status, this.foot);
  }

  /** @param run The view's run, or null for texts outside any run. @param open The item that is being written. */
  update(run, { open, startTs, copyText, asks = false, several = false, helpers = 0, within = null }) {
    this.run = run;
    // The time in the queue is not the agent's.
    this.startTs = startTs;
    this.open = open;
    this.helpers = helpers;
    if (!run) return;
    const over = run.endTs != null;
    this.node.dataset.status = run.status;
    this.node.ariaBusy = over ? null : "true";
    if (isStandIn(standInName(run))) this.label.hidden = false;
    this.stop.hidden = !several || over || !this.actions.mayAct();
    this.tick();
    this.foot.hidden = !over;
    const used = within ?? { rows: run.usage, helpers: 0 };
    // What a stopped run has used is told behind its end.
    const footed = `${run.status} ${asks} ${JSON.stringify(used)}`;
    if (over && this.footed !== footed) {
      this.footed = footed;
      this.foot.replaceChildren(...this.#foot(run, copyText, asks, used));
    }
  }

  lanes() {
    return lanesOf(this);
  }

  /** The line that says what is being done, with the time it takes; once a second while the run is open. */
  tick() {
    const run = this.run;
    if (!run) return;
    const over = run.endTs != null;
    this.status.hidden = over;
    if (!over) setText(this.doing, this.actions.isStopping(this.id) ? "Stopping" : doingWords(run, this.open, this.now(), this.startTs, this.helpers));
  }

  get ticking() {
    return this.run != null && this.run.endTs == null;
  }

  #foot(run, copyText, asks, used) {
    const parts = [];
    if (run.status === "failed") {
      parts.push(
        h("div.run-error", { role: "note" },
          h("p", h("b", "No answer came. "), run.error?.message ?? "", " ", h("code", run.error?.code ?? "error")),
          run.input && this.actions.mayAct() && h("button.quiet", { type: "button", onclick: () => this.actions.regenerate(this.id) }, "Ask again")),
      );
    }
    if (run.status === "cancelled") parts.push(h("span.turn-stopped", stoppedWords(run.stopped, this.actions.nameOf(run.stopped?.by))));
    if (run.status === "interrupted" && asks) parts.push(h("span", "Waits for an answer"));
    const { tokens, cost, model } = usageWords(used.rows);
    const shared = used.helpers > 0 && tokens != null && `with ${count(used.helpers, "sub-agent")}`;
    const took = run.endTs && this.startTs ? duration(run.endTs - this.startTs) : null;
    const facts = [took, tokens && `${tokens.toLocaleString()} tokens`, cost, shared, model, run.attempt > 1 && `attempt ${run.attempt}`];
    parts.push(...facts.filter(Boolean).map((fact) => h("span", String(fact))));
    if (!["failed", "interrupted"].includes(run.status) && run.input && this.actions.mayAct()) {
      parts.push(h("button.quiet", { type: "button", onclick: () => this.actions.regenerate(this.id) }, "Answer again"));
    }
    if (copyText) parts.push(h("button.quiet", { type: "button", "data-copy": "answer" }, "Copy"));
    return parts;
  }
}

/** The group of lanes at the end of a turn or lane; those that begin one after the other stand together. */
export function lanesOf({ items }) {
  const last = items.lastElementChild;
  if (last?.classList.contains("lanes")) return last;
  const group = h("div.lanes");
  items.append(group);
  return group;
}

function standInName(run) {
  const rows = Array.isArray(run.usage) ? run.usage : [run.usage ?? {}];
  return rows.find((row) => isStandIn(row.model))?.model ?? run.result?.model ?? "";
}

/** @param helpers How many sub-agents are at work for it. */
export function doingWords(run, open, now, startTs = run.ts, helpers = 0) {
  if (run.status === "queued") return `Starting${elapsed(now - startTs)}`;
  if (run.status === "retrying") return `Trying again: the worker that wrote this was lost (attempt ${run.attempt})`;
  if (run.status === "waiting" && run.waiting) {
    const left = Math.ceil(((run.waiting.until ?? now) - now) / 1000);
    return `${run.waiting.message ?? "Waiting"}${left > 0 ? ` Continues in ${left} s.` : ""}`;
  }
  if (helpers) return `Waiting for ${count(helpers, "sub-agent")}${elapsed(now - startTs)}`;
  if (open?.kind === "tool") return `Waiting for the result${elapsed(now - open.ts)}`;
  const time = elapsed(now - startTs);
  return `${open?.kind === "message" ? "Writing" : "Thinking"}${time}`;
}

function elapsed(ms) {
  return ms >= 3000 ? ` · ${Math.floor(ms / 1000)} s` : "";
}
