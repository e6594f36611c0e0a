/**
 * Citations: a link whose text is a number is a small mark; its title, "label · 20 Nov 2026 · 'words'", is shown beside it
 * while one points at it or has it in focus. Text is text: nothing of it becomes markup.
 */
import { h, setText } from "./dom.js";

export const NO_SOURCE = "no source found";
const NUMBER = /^\d{1,3}$/;
const TITLE = /^(.*?)(?: · (\d{1,2} \p{L}{3} \d{4}))?(?: · '(.*)')?$/su;
const LEAVES_AFTER = 120;

/** A finished link of a text; whether it is a citation. */
export function markCitation(link) {
  if (!NUMBER.test(link.textContent) || !/^\/(?!\/)/.test(link.getAttribute("href") ?? "") || !link.title) return false;
  link.className = "cite";
  link.setAttribute("aria-label", `Source ${link.textContent}: ${partsOf(link.title).label}`);
  return true;
}

/** @returns {{label: string, date: string, quote: string}} */
export function partsOf(title) {
  const [, label, date = "", quote = ""] = TITLE.exec(title);
  return { label, date, quote };
}

/** One card for all citations below `root`. */
export class CiteCard {
  constructor(root) {
    this.label = h("span.cite-label");
    this.date = h("span.cite-date");
    this.quote = h("q.cite-quote");
    this.node = h("div.cite-card", { id: "cite-card", role: "tooltip", hidden: true }, this.label, this.date, this.quote);
    (root.closest("section") ?? document.body).append(this.node);
    for (const [over, out] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
      root.addEventListener(over, (event) => this.#show(event.target.closest?.("a.cite")));
      root.addEventListener(out, (event) => event.target.closest?.("a.cite") && this.#leave());
    }
    // One may go onto the card to select its words.
    this.node.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.node.addEventListener("pointerleave", () => this.#leave());
    addEventListener("keydown", (event) => this.#key(event), true);
    // Moving to a mark by the keyboard scrolls it into view: the card goes with it.
    addEventListener("scroll", () => this.link && this.#place(), { capture: true, passive: true });
    addEventListener("resize", () => this.#hide());
  }

  #show(link) {
    if (!link) return;
    clearTimeout(this.timer);
    if (link === this.link) return;
    this.#hide();
    this.link = link;
    // Its own tooltip would say the same once more.
    this.title = link.title;
    link.removeAttribute("title");
    const { label, date, quote } = partsOf(this.title);
    setText(this.label, label);
    // When it was read: a mail of last week may have been read today.
    setText(this.date, date && `as of ${date}`);
    setText(this.quote, quote);
    this.date.hidden = !date;
    this.quote.hidden = !quote || quote === label;
    this.node.hidden = false;
    link.setAttribute("aria-describedby", this.node.id);
    this.#place();
  }

  #place() {
    const at = this.link.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.node;
    const left = Math.min(Math.max(8, at.left - 16), document.documentElement.clientWidth - offsetWidth - 8);
    const above = at.top - offsetHeight - 4;
    this.node.style.left = `${left}px`;
    this.node.style.top = `${above > 8 ? above : at.bottom + 4}px`;
  }

  #leave() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#hide(), LEAVES_AFTER);
  }

  #hide() {
    clearTimeout(this.timer);
    if (!this.link) return;
    this.link.title = this.title;
    this.link.removeAttribute("aria-describedby");
    this.link = null;
    this.node.hidden = true;
  }

  /** Escape takes the card away, and nothing else. */
  #key(event) {
    if (event.key !== "Escape" || !this.link) return;
    this.#hide();
    event.preventDefault();
    event.stopPropagation();
  }
}
