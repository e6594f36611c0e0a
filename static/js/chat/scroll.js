/** Follows the newest words while the reader is at the end, and stays where they read when they are not. */

const NEAR = 48;

export class Follower {
  constructor({ scroller, jump, onEnd = () => {} }) {
    Object.assign(this, { scroller, jump, onEnd });
    this.following = true;
    this.reduced = matchMedia("(prefers-reduced-motion: reduce)");
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    jump.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.following && this.toEnd()).observe(scroller);
  }

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** After something was written. `news` are words that the reader has not seen. */
  written(news = true) {
    if (this.following) this.toEnd();
    else if (news) this.jump.dataset.news = "true";
    this.#show();
  }

  toEnd(smooth = false) {
    this.following = true;
    const behavior = smooth && !this.reduced.matches ? "smooth" : "instant";
    this.ownUntil = performance.now() + (behavior === "smooth" ? 700 : 0);
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
    this.#show();
    if (this.atEnd) this.onEnd();
  }

  #scrolled() {
    if (this.atEnd) {
      this.following = true;
      this.onEnd();
    } else if (performance.now() > (this.ownUntil ?? 0) && this.scroller.scrollTop < (this.lastTop ?? 0)) {
      // Only going up means that somebody reads above; growing text moves the end, not the reader.
      this.following = false;
    }
    this.lastTop = this.scroller.scrollTop;
    this.#show();
  }

  #show() {
    this.jump.hidden = this.following || this.atEnd;
    if (this.jump.hidden) delete this.jump.dataset.news;
  }
}
