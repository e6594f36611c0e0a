/**
 * What was typed and is not yet known to be in the log. Kept in the browser's storage until it is acknowledged, sent
 * again with the same id after every reconnect, which the server logs once.
 *
 * Each message has a key of its own in the storage, so that two tabs never overwrite each other's; both may
 * send the same one. In one session they go out one after the other: a message never overtakes the one before.
 *
 * Status of a message: `pending`, `sent` (acknowledged; kept in memory until the view shows it), `failed`.
 */
import { backoff } from "./backoff.js";
import { browserClock } from "./clock.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ACK_WITHIN = 15_000;
const GIVE_UP_AFTER = 6; // refusals that may pass; silence is never given up

export class Outbox {
  /** @param storage localStorage, or anything like it; it may throw (full, forbidden): then memory has to do. */
  constructor({ socket, actor, storage, clock = browserClock, newId = freshId, random = Math.random }) {
    Object.assign(this, { socket, storage, clock, newId, random });
    this.prefix = `clewline.outbox.${actor}.`;
    this.draftPrefix = `clewline.draft.${actor}.`;
    this.listeners = new Set();
    this.messages = new Map();
    this.underWay = new Map(); // session -> {id, ref, timer}
    this.refs = 0;
    /** False when the browser keeps nothing: say so, the text would go with the tab. */
    this.kept = true;
    this.reload();
    socket.onFrame((frame) => this.#received(frame));
    socket.onState((state) => state !== "live" && this.#forgetUnderWay());
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The messages of a session that the log does not show yet, in the order they were written. */
  of(session) {
    return [...this.messages.values()].filter((message) => message.session === session);
  }

  /** `mode` says what becomes of it while a run is at work; null leaves that to the session. */
  add(session, text, mode = null) {
    const last = Math.max(0, ...this.of(session).map((message) => message.created));
    const created = Math.max(this.clock.now(), last + 1);
    const message = { id: this.newId(), session, text, mode, created, status: "pending", code: null, note: null, tries: 0 };
    this.messages.set(message.id, message);
    this.#keep(message);
    this.#changed();
    this.flush(session);
    return message;
  }

  /** Try a failed message again. A conflict means that its id is taken: then it gets a new one. */
  retry(id) {
    const message = this.messages.get(id);
    if (!message || message.status !== "failed") return;
    if (message.code === "input_conflict") {
      this.#forget(id);
      message.id = this.newId();
      this.messages.set(message.id, message);
    }
    Object.assign(message, { status: "pending", code: null, note: null, tries: 0 });
    this.#keep(message);
    this.#changed();
    this.flush(message.session);
  }

  /** Take a message out, for another wording or for good. Returns its text. */
  withdraw(id) {
    const message = this.messages.get(id);
    if (!message || message.status !== "failed") return null;
    this.#forget(id);
    this.#changed();
    return message.text;
  }

  /** The view shows these inputs: they need no second picture. */
  seen(session, has) {
    let gone = false;
    for (const message of this.of(session)) {
      if (!has(message.id)) continue;
      this.#settle(message);
      this.#forget(message.id);
      gone = true;
    }
    if (gone) {
      this.#changed();
      this.flush(session);
    }
  }

  /** Send what waits: all sessions, or one. */
  flush(session = null) {
    if (this.socket.state !== "live") return;
    const sessions = session ? [session] : new Set([...this.messages.values()].map((message) => message.session));
    for (const each of sessions) this.#sendNext(each);
  }

  /** Read the storage again: at the start, and when another tab changed it. */
  reload() {
    const stored = new Map();
    try {
      for (let i = 0; i < this.storage.length; i++) {
        const key = this.storage.key(i);
        if (!key.startsWith(this.prefix)) continue;
        const message = parsed(this.storage.getItem(key));
        if (message) stored.set(message.id, message);
      }
    } catch {
      this.kept = false;
      return;
    }
    for (const message of [...stored.values()].sort((a, b) => a.created - b.created)) {
      if (!this.messages.has(message.id)) this.messages.set(message.id, { note: null, ...message, tries: 0 });
    }
    for (const [id, message] of this.messages) {
      // Another tab saw the acknowledgement, or withdrew it.
      if (this.kept && !stored.has(id) && message.status !== "sent") this.#settleGone(message);
    }
    this.#changed();
    this.flush();
  }

  draft(session) {
    try {
      return this.storage.getItem(this.draftPrefix + session) ?? "";
    } catch {
      return "";
    }
  }

  keepDraft(session, text) {
    try {
      if (text) this.storage.setItem(this.draftPrefix + session, text);
      else this.storage.removeItem(this.draftPrefix + session);
      return true;
    } catch {
      return false;
    }
  }

  #sendNext(session) {
    if (this.underWay.has(session)) return;
    const message = this.of(session).find((each) => each.status === "pending");
    if (!message) return;
    const ref = `i${++this.refs}`;
    const mode = message.mode ? { mode: message.mode } : {};
    if (!this.socket.send({ t: "send", s: session, id: message.id, text: message.text, ...mode, ref })) return;
    const timer = this.clock.setTimeout(() => {
      this.underWay.delete(session);
      this.flush(session);
    }, ACK_WITHIN);
    this.underWay.set(session, { id: message.id, ref, timer });
  }

  #received(frame) {
    if (frame.t === "welcome") return this.flush();
    if (frame.t !== "ack" && frame.t !== "error") return;
    const [session, sent] = [...this.underWay].find(([, each]) => each.ref === frame.ref) ?? [];
    if (!sent) return;
    const message = this.messages.get(sent.id);
    this.#clear(session);
    if (message) {
      if (frame.t === "ack") this.#acknowledged(message, frame);
      else this.#refused(message, frame);
    }
    if (!this.underWay.has(session)) this.flush(session);
  }

  #acknowledged(message, frame) {
    Object.assign(message, { status: "sent", code: null, note: null, offset: frame.offset });
    this.#unkeep(message.id);
    this.#changed();
  }

  #refused(message, { code, message: text, retry }) {
    // The login ended, or the tab is about to be told so: it waits for the next sign-in.
    if (code === "signed_out") return this.#changed();
    message.tries += 1;
    message.code = code;
    message.note = text;
    if (retry && message.tries < GIVE_UP_AFTER) {
      const wait = backoff(message.tries, { first: 1000, max: 30_000, random: this.random });
      const timer = this.clock.setTimeout(() => {
        this.underWay.delete(message.session);
        this.flush(message.session);
      }, wait);
      // Holds the place, so that nothing behind it overtakes.
      this.underWay.set(message.session, { id: message.id, ref: null, timer });
    } else {
      message.status = "failed";
      this.#keep(message);
    }
    this.#changed();
  }

  #settle(message) {
    if (this.underWay.get(message.session)?.id === message.id) this.#clear(message.session);
  }

  #settleGone(message) {
    this.#settle(message);
    this.messages.delete(message.id);
  }

  #clear(session) {
    this.clock.clearTimeout(this.underWay.get(session)?.timer);
    this.underWay.delete(session);
  }

  #forgetUnderWay() {
    for (const session of [...this.underWay.keys()]) this.#clear(session);
  }

  #keep({ id, session, text, mode, created, status, code, note }) {
    try {
      this.storage.setItem(this.prefix + id, JSON.stringify({ id, session, text, mode, created, status, code, note }));
    } catch {
      this.kept = false;
    }
  }

  #unkeep(id) {
    try {
      this.storage.removeItem(this.prefix + id);
    } catch {
      this.kept = false;
    }
  }

  #forget(id) {
    this.messages.delete(id);
    this.#unkeep(id);
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }
}

/** 22 characters of chance. Not randomUUID, which plain HTTP on a local network lacks. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(22));
  return Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("");
}

function parsed(text) {
  try {
    const message = JSON.parse(text);
    return typeof message?.id === "string" && typeof message.text === "string" && message.session ? message : null;
  } catch {
    return null;
  }
}
