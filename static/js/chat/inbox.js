/** The count of what waits, wherever the page's head shows it, kept by `inbox` frames. */
import { setText } from "./dom.js";

// Whoever looks at the chat has read the answer a moment later: nothing has to light up for that.
const SHOW_MORE_AFTER = 2500;

export class InboxCount {
  /**
   * @param {{socket: object, roots: Iterable<HTMLElement>, ask?: () => Promise<{unread: number}>, clock?: object}} options
   *   `roots` show the number, at least one; they are hidden while nothing waits.
   */
  constructor({ socket, roots, ask = askServer, clock = globalThis }) {
    Object.assign(this, { roots: [...roots], ask, clock, timer: null, welcomed: false });
    this.shown = Number(numberIn(this.roots[0]).textContent);
    socket.onFrame((frame) => {
      if (frame.t === "inbox") this.#heard(frame.unread);
      else if (frame.t === "welcome") this.#connected();
    });
  }

  /** The first time the page knows the count. After a pause it may have missed one. */
  async #connected() {
    const again = this.welcomed;
    this.welcomed = true;
    if (!again) return;
    try {
      this.#heard((await this.ask()).unread);
    } catch {
      // It stays what it was until the next frame.
    }
  }

  #heard(unread) {
    this.clock.clearTimeout(this.timer);
    if (unread <= this.shown) this.#show(unread);
    else this.timer = this.clock.setTimeout(() => this.#show(unread), SHOW_MORE_AFTER);
  }

  #show(unread) {
    this.shown = unread;
    for (const root of this.roots) {
      setText(numberIn(root), String(unread));
      root.hidden = unread === 0;
    }
  }
}

const numberIn = (root) => root.querySelector("[data-inbox-count]");

async function askServer() {
  const answer = await fetch("/inbox/unread/", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
