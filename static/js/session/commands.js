/**
 * Commands with an answer: `done` resolves, `error` rejects with a CommandError. One that the line loses is asked again
 * on return: every command may be repeated. Without a line nothing is begun, and that is said at once.
 */
import { browserClock } from "./clock.js";

const GIVE_UP_AFTER = 30_000;

export class CommandError extends Error {
  constructor({ code, message, retry = false }) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

export class Commands {
  constructor({ socket, clock = browserClock }) {
    Object.assign(this, { socket, clock });
    this.waiting = new Map(); // ref -> {frame, resolve, reject, timer}
    this.refs = 0;
    socket.onFrame((frame) => this.#received(frame));
  }

  /** @returns {Promise<object>} the `done` frame; rejects with a CommandError. */
  run(session, t, fields = {}) {
    return new Promise((resolve, reject) => {
      const frame = { t, s: session, ...fields, ref: `c${++this.refs}` };
      if (!this.socket.send(frame)) {
        reject(new CommandError({ code: "offline", message: "There is no connection, so nothing was done. Try again when it is back.", retry: true }));
        return;
      }
      const timer = this.clock.setTimeout(() => this.#unanswered(frame.ref), GIVE_UP_AFTER);
      this.waiting.set(frame.ref, { frame, resolve, reject, timer });
    });
  }

  #received(frame) {
    if (frame.t === "welcome") {
      for (const { frame: asked } of this.waiting.values()) this.socket.send(asked);
    } else if (frame.t === "done" || frame.t === "error") {
      const asked = this.#take(frame.ref);
      if (!asked) return;
      if (frame.t === "done") asked.resolve(frame);
      else asked.reject(new CommandError(frame));
    }
  }

  #unanswered(ref) {
    this.#take(ref)?.reject(
      new CommandError({ code: "unanswered", message: "No answer came. Look whether it was done before you repeat it.", retry: true }),
    );
  }

  #take(ref) {
    const asked = this.waiting.get(ref);
    if (!asked) return null;
    this.waiting.delete(ref);
    this.clock.clearTimeout(asked.timer);
    return asked;
  }
}
