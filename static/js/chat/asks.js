/** Above the composer: that something waits for a decision, the way to it, and all approvals at once. */
import { mayDecide } from "./ask.js";
import { h, setText } from "./dom.js";
import { count } from "./words.js";

export class AskBar {
  constructor({ root, dialog, view, actions }) {
    Object.assign(this, { root, dialog, view, actions });
    this.words = h("p.asks-words");
    this.show = h("button.quiet", { type: "button", onclick: () => this.#show() }, "Show");
    this.all = h("button.quiet", { type: "button", onclick: () => this.#review() }, "Approve all");
    root.append(h("span.asks-dot", { "aria-hidden": "true" }), this.words, this.show, this.all);
    dialog.querySelector("[data-approve]").addEventListener("click", () => this.#approveAll());
  }

  update() {
    const { items, participants } = this.view();
    this.open = items.filter((item) => item.kind === "interrupt" && item.status === "open");
    this.mine = this.open.filter((item) => mayDecide(item, this.actions.me, participants));
    if (!this.open.length && this.root.contains(document.activeElement)) document.querySelector("#composer-text")?.focus();
    this.root.hidden = !this.open.length;
    if (!this.open.length) return;
    this.approvals = this.mine.filter((item) => item.ask === "approval");
    this.all.hidden = this.approvals.length < 2;
    setText(this.all, `Approve all ${this.approvals.length}`);
    setText(this.words, askedWords(this.open, this.mine));
  }

  #show() {
    const first = this.mine[0] ?? this.open[0];
    const card = first && document.querySelector(`.ask[data-id="${CSS.escape(first.id)}"]`);
    if (!card) return;
    for (let lane = card.closest("details"); lane; lane = lane.parentElement.closest("details")) lane.open = true;
    card.scrollIntoView({ block: "center" });
    card.focus({ preventScroll: true });
  }

  /** Many at once, but not unseen: what would be approved is listed first. */
  #review() {
    this.reviewed = this.approvals;
    this.dialog.querySelector("ul").replaceChildren(...this.reviewed.map((item) => h("li", item.title)));
    this.dialog.showModal();
  }

  async #approveAll() {
    this.dialog.close();
    try {
      await this.actions.decide(this.reviewed.map(({ id, hash }) => ({ id, decision: "approve", hash })));
    } catch (error) {
      this.actions.fail({ code: error.code, message: `Nothing was approved. ${error.message}` });
    }
  }
}

export function askedWords(open, mine) {
  if (mine.length === 1) return `Waits for ${mine[0].ask === "question" ? "your answer" : "your decision"}: ${mine[0].title}`;
  if (mine.length) return `${count(mine.length, "question")} wait for you`;
  return open.length === 1 ? `Waits for somebody else: ${open[0].title}` : `${count(open.length, "question")} wait for somebody else`;
}
