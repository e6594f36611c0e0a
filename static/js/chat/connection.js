/** The line that says how the page is connected, and what that means for what one types. */
import { h, setText } from "./dom.js";

/** @returns {{state: string, text: string, action: "now" | "sign_in" | null}} */
export function connectionWords({ socketState, retryAt, channel, now }) {
  if (socketState === "signed_out") return { state: "out", text: "You are signed out. What you typed is kept.", action: "sign_in" };
  if (socketState === "refused") return { state: "out", text: "This address is not allowed to connect (wrong_origin).", action: null };
  if (socketState === "offline") return { state: "off", text: "Offline. What you send is kept and sent once.", action: null };
  if (socketState === "waiting") {
    const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
    return { state: "off", text: seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting", action: seconds > 1 ? "now" : null };
  }
  if (socketState !== "live") return { state: "wait", text: "Connecting", action: null };
  if (channel?.state === "closed") return { state: "out", text: "This chat is no longer available to you.", action: null };
  if (channel && channel.state !== "live") {
    return { state: "wait", text: channel.behind > 0 ? `Catching up: ${channel.behind.toLocaleString()}` : "Catching up", action: null };
  }
  return { state: "live", text: "Live", action: null };
}

const QUIET_FOR = 400; // a connection that comes up at once needs no words

export class ConnectionLine {
  constructor({ root, socket, channel, signInUrl, onChange = () => {}, now = Date.now }) {
    Object.assign(this, { root, socket, channel, signInUrl, onChange, now });
    this.text = h("span.conn-text");
    this.action = h("span.conn-action");
    root.replaceChildren(h("span.conn-dot", { "aria-hidden": "true" }), this.text, this.action);
    this.since = now();
    this.update();
  }

  update() {
    const { socket, channel } = this;
    const words = connectionWords({ socketState: socket.state, retryAt: socket.retryAt, channel, now: this.now() });
    if (words.state !== "live" && this.wasLive !== true && this.now() - this.since < QUIET_FOR && words.state === "wait") {
      setTimeout(() => this.update(), QUIET_FOR);
      return;
    }
    this.root.dataset.state = words.state;
    setText(this.text, words.text);
    if (this.shownAction !== words.action) {
      this.shownAction = words.action;
      this.action.replaceChildren(...this.#action(words.action));
    }
    if (this.shownState !== words.state) {
      const before = this.shownState;
      this.shownState = words.state;
      this.wasLive ||= words.state === "live";
      this.onChange(words, before);
    }
  }

  #action(name) {
    if (name === "now") return [h("button.quiet", { type: "button", onclick: () => this.socket.nudge() }, "Now")];
    if (name === "sign_in") return [h("a", { href: this.signInUrl }, "Sign in again")];
    return [];
  }
}
