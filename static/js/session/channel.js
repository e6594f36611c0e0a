/**
 * One session followed over the socket: subscribes from the next offset, drops what it has, asks again at a gap.
 *
 * `onChange(changes)` tells what the fold changed; `onReplace()` that the whole view is another one;
 * `onState()` that `state`, `head` or `next` is worth showing.
 * States: `idle` (not connected), `asking`, `catching_up`, `live`, `closed` (`code` says why).
 */
import { Fold } from "./fold.js";

const RETRY_AFTER = 2000;

let lastRef = 0;

export class Channel {
  constructor({ socket, id, view = null, at = null, onChange = () => {}, onReplace = () => {}, onState = () => {} }) {
    Object.assign(this, { socket, id, onChange, onReplace, onState });
    this.fold = new Fold(view ?? undefined);
    /** The next offset wanted; null asks for a fresh view. */
    this.next = view ? at : null;
    this.head = this.next ?? 0;
    this.state = "idle";
    this.code = null;
    this.stopFrames = socket.onFrame((frame) => this.#received(frame));
    this.stopStates = socket.onState((state) => this.#socketChanged(state));
    if (socket.state === "live") this.subscribe();
  }

  get view() {
    return this.fold.view;
  }

  /** How many records are still to come, as far as is known. */
  get behind() {
    return this.state === "live" ? 0 : Math.max(0, this.head - (this.next ?? 0));
  }

  subscribe() {
    this.ref = `s${++lastRef}`;
    this.#enter("asking");
    this.socket.send({ t: "subscribe", s: this.id, from: this.next, ref: this.ref });
  }

  leave() {
    this.stopFrames();
    this.stopStates();
    this.socket.send({ t: "unsubscribe", s: this.id });
  }

  #socketChanged(state) {
    if (this.state === "closed") return;
    if (state !== "live") this.#enter("idle");
  }

  #received(frame) {
    if (frame.t === "welcome") {
      if (this.state !== "closed") this.subscribe();
      return;
    }
    if (frame.t === "error" && frame.ref === this.ref) {
      if (!frame.retry) return this.#closed(frame.code);
      // Only if nothing else, a new connection for example, has asked in the meantime.
      const { ref } = this;
      this.socket.clock.setTimeout(() => this.ref === ref && this.state === "asking" && this.subscribe(), RETRY_AFTER);
      return;
    }
    if (frame.s !== this.id || this.state === "closed") return;
    if (frame.t === "subscribed") {
      if (frame.ref !== this.ref) return;
      this.head = frame.head;
      this.#enter("catching_up");
      return;
    }
    if (frame.t === "closed") return this.#closed(frame.code);
    // Between asking and the answer come the last frames of an earlier subscription: the answer repeats them.
    if (this.state === "asking" || this.state === "idle") return;
    if (frame.t === "snapshot" || frame.t === "reset") this.#replace(frame);
    else if (frame.t === "records") this.#records(frame);
    else if (frame.t === "live") {
      if (frame.head > (this.next ?? 0)) return this.subscribe();
      this.head = this.next;
      this.#enter("live");
    }
  }

  #replace({ at, view }) {
    this.fold = new Fold(view);
    this.next = at;
    this.head = Math.max(this.head, at);
    this.onReplace();
    this.onState();
  }

  #records({ from, to, records }) {
    const next = this.next ?? 0;
    if (to <= next) return;
    if (from > next) return this.subscribe();
    if (records.length !== to - from && from < next) {
      // One record may stand for several offsets; then half a frame cannot be taken.
      this.next = null;
      return this.subscribe();
    }
    const changes = [];
    for (let i = Math.max(0, next - from); i < records.length; i++) {
      changes.push(...this.fold.apply(records[i], from + i));
    }
    this.next = to;
    this.head = Math.max(this.head, to);
    this.onChange(changes);
    if (this.state !== "live") this.onState();
  }

  #closed(code) {
    this.code = code;
    this.#enter("closed");
  }

  #enter(state) {
    this.state = state;
    this.onState();
  }
}
