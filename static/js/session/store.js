/** The list of sessions as this tab knows it: what the page was made with, kept up to date by `session` frames. */
export class SessionList {
  /** @param entries `{id, title, live, waits, lastOffset, readOffset, lastTs, archived}` each */
  constructor({ socket, entries = [] }) {
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    this.listeners = new Set();
    socket.onFrame((frame) => frame.t === "session" && this.#received(frame.session));
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What was read here shows at once; the server's word follows. */
  read(id, offset) {
    const entry = this.entries.get(id);
    if (entry && entry.readOffset < offset) this.#received({ ...entry, readOffset: offset });
  }

  #received(entry) {
    const before = this.entries.get(entry.id);
    // Frames of two web processes may cross: an offset never goes back.
    const readOffset = Math.max(entry.readOffset ?? 0, before?.readOffset ?? 0);
    if (before && entry.lastOffset < before.lastOffset) entry = { ...entry, lastOffset: before.lastOffset };
    const now = { ...entry, readOffset };
    this.entries.set(entry.id, now);
    for (const listener of this.listeners) listener(now, before ?? null);
  }
}

export function isUnread(entry) {
  return entry.lastOffset > entry.readOffset;
}
