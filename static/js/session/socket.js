/**
 * The one WebSocket of a tab: connects, notices when the line is dead, and comes back.
 *
 * States: `connecting`, `live`, `waiting` (`retryAt` says until when), `offline` (the device says so),
 * `signed_out` and `refused` (another attempt would not help), `closed` (by us).
 */
import { backoff } from "./backoff.js";
import { browserClock } from "./clock.js";

const PING_AFTER = 20_000; // nothing heard for so long: ask
const PONG_WITHIN = 8_000; // and no answer for so long: the line is dead, whatever the socket says
const PONG_OFFLINE_WITHIN = 2_000; // the device says the same: then it need not be shown as live for long
const WELCOME_WITHIN = 15_000;
const STEADY_AFTER = 5_000; // a connection that lived so long makes the next wait short again
const FLOODED = 4429;

export class Socket {
  /**
   * @param {{url: string, WebSocket?: typeof WebSocket, clock?: typeof browserClock, random?: () => number,
   *   online?: () => boolean}} options
   */
  constructor({
    url,
    WebSocket = globalThis.WebSocket,
    clock = browserClock,
    random = Math.random,
    online = () => globalThis.navigator?.onLine !== false,
  }) {
    Object.assign(this, { url, WebSocket, clock, random, online });
    this.state = "closed";
    this.retryAt = null;
    this.attempt = 0;
    this.heard = 0; // frames so far
    this.frames = new Set();
    this.states = new Set();
    this.connection = null;
  }

  /** @param {(frame: object) => void} listener Called with every frame but `mark` and `pong`. */
  onFrame(listener) {
    this.frames.add(listener);
    return () => this.frames.delete(listener);
  }

  onState(listener) {
    this.states.add(listener);
    return () => this.states.delete(listener);
  }

  connect() {
    this.#drop();
    if (!this.online()) return this.#enter("offline");
    this.#enter("connecting");
    const connection = new this.WebSocket(this.url);
    this.connection = connection;
    connection.onmessage = (message) => this.connection === connection && this.#received(message.data);
    connection.onclose = (event) => this.connection === connection && this.#lost(event.code);
    connection.onerror = () => {}; // a close follows
    this.watch = this.clock.setTimeout(() => this.#lost(1006), WELCOME_WITHIN);
  }

  /** @returns {boolean} Whether it went out. What matters must be kept until it is answered. */
  send(frame) {
    if (this.state !== "live") return false;
    this.connection.send(JSON.stringify(frame));
    return true;
  }

  /** The device woke up, came online, or the person asked: do not wait any longer, do not trust an old line. */
  nudge() {
    if (this.state === "waiting" || this.state === "offline") return this.connect();
    if (this.state === "live" && !this.online()) return;
    if (this.state === "live") this.#ask();
  }

  /** The device says that it is offline: say so, but keep the line; it may outlive the pause. */
  goneOffline() {
    if (this.state === "waiting") {
      this.clock.clearTimeout(this.timer);
      this.#enter("offline");
    } else if (this.state === "live") this.#ask(PONG_OFFLINE_WITHIN);
  }

  close() {
    this.#drop();
    this.#enter("closed");
  }

  #received(text) {
    const frame = JSON.parse(text);
    this.heardAt = this.clock.now();
    this.heard += 1;
    if (frame.t === "pong") return;
    if (frame.t === "welcome") {
      this.clock.clearTimeout(this.watch);
      this.welcomedAt = this.heardAt;
      this.#enter("live");
      this.#listen();
    }
    if (frame.t !== "mark") for (const listener of this.frames) listener(frame);
    // The credit goes back when the frames before it are dealt with, not when they arrive.
    else this.send({ t: "ok", n: frame.n });
  }

  #listen() {
    this.clock.clearTimeout(this.watch);
    // The timer is not set anew for each frame: it looks back when it fires.
    const left = PING_AFTER - (this.clock.now() - this.heardAt);
    if (left <= 0) this.#ask();
    else this.watch = this.clock.setTimeout(() => this.#listen(), left);
  }

  #ask(within = PONG_WITHIN) {
    const heard = this.heard;
    this.send({ t: "ping" });
    this.clock.clearTimeout(this.watch);
    this.watch = this.clock.setTimeout(() => {
      if (this.heard > heard) this.#listen();
      else this.#lost(1006);
    }, within);
  }

  #lost(code) {
    const lived = this.state === "live" ? this.clock.now() - this.welcomedAt : 0;
    this.#drop();
    if (code === 4401) return this.#enter("signed_out");
    if (code === 4403) return this.#enter("refused");
    if (lived >= STEADY_AFTER) this.attempt = 0;
    if (code === FLOODED) this.attempt = Math.max(this.attempt, 5);
    if (!this.online()) return this.#enter("offline");
    const wait = backoff(this.attempt++, { random: this.random });
    this.timer = this.clock.setTimeout(() => this.connect(), wait);
    this.#enter("waiting", this.clock.now() + wait);
  }

  #drop() {
    this.clock.clearTimeout(this.timer);
    this.clock.clearTimeout(this.watch);
    const connection = this.connection;
    this.connection = null;
    connection?.close();
  }

  #enter(state, retryAt = null) {
    this.state = state;
    this.retryAt = retryAt;
    for (const listener of this.states) listener(state, retryAt);
  }
}
