/** The count beside Inbox in the navigation, kept by `inbox` frames. */
import { setText } from "./dom.js";

// Whoever looks at the chat has read the answer a moment later: nothing has to light up for that.
const SHOW_MORE_AFTER = 2500;

export class InboxCount {
  /**
   * @param {{socket: object, root: HTMLElement, ask?: () => Promise<{unread: number}>, clock?: object}} options
   *   `root` is the badge, hidden while nothing waits.
   */
  constructor({ socket, root, ask = askServer, clock = globalThis }) {
    Object.assign(this, { root, ask, clock, number: root.querySelector("[data-inbox-count]"), timer: null, welcomed: false });
    this.shown = Number(this.number.textContent);
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
    setText(this.number, String(unread));
    this.root.hidden = unread === 0;
  }
}

async function askServer() {
  const answer = await fetch("/inbox/unread/", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
