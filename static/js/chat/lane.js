/** A sub-agent at work inside another run's turn: one line that opens to what it did, and a stop of its own. */
import { h, setText } from "./dom.js";
import { doingWords, lanesOf } from "./turn.js";
import { duration, stoppedWords, usageWords } from "./words.js";

const ENDED = { finished: "Done", failed: "Failed", interrupted: "Waits for an answer" };

export class Lane {
  constructor({ id, title, now, actions }) {
    Object.assign(this, { id, now, actions });
    this.items = h("div.turn-items");
    this.title = h("span.lane-title", title);
    this.state = h("span.lane-state");
    this.error = h("p.lane-error", { hidden: true });
    this.stop = h("button.quiet", { type: "button", "aria-label": `Stop: ${title}`, onclick: () => actions.stop(id) }, "Stop");
    this.details = h("details.lane-more", h("summary", h("span.tool-mark", { "aria-hidden": "true" }), this.title, this.state), h("div.lane-body", this.items));
    this.node = h("div.lane", { "data-run": id, role: "group", "aria-label": title }, this.details, this.stop, this.error);
  }

  update(run, { open, startTs, helpers = 0 }) {
    Object.assign(this, { run, open, startTs, helpers });
    this.node.dataset.status = run.status;
    this.stop.hidden = run.endTs != null || !this.actions.mayAct();
    this.error.hidden = run.status !== "failed";
    if (run.error) setText(this.error, `${run.error.message ?? ""} (${run.error.code ?? "error"})`);
    // A question must not hide in a closed lane.
    if (run.status === "interrupted" && !this.openedForAsk) this.openedForAsk = this.details.open = true;
    this.tick();
  }

  lanes() {
    return lanesOf(this);
  }

  get ticking() {
    return this.run != null && this.run.endTs == null;
  }

  tick() {
    setText(this.state, this.#words(this.run));
  }

  #words(run) {
    if (run.endTs == null) return this.actions.isStopping(this.id) ? "Stopping" : doingWords(run, this.open, this.now(), this.startTs, this.helpers);
    const { tokens, cost } = usageWords(run.usage);
    const ended = run.status === "cancelled" ? stoppedWords(run.stopped, this.actions.nameOf(run.stopped?.by)) : ENDED[run.status];
    return [ended, duration(run.endTs - this.startTs), tokens && `${tokens.toLocaleString()} tokens`, cost].filter(Boolean).join(" · ");
  }
}
