/** A clock that stands until it is moved, a socket that remembers, a storage in memory. */
export class FakeClock {
  time = 1_764_000_000_000;
  timers = new Map();
  last = 0;
  now = () => this.time;
  setTimeout = (run, ms) => (this.timers.set(++this.last, { at: this.time + ms, run }), this.last);
  clearTimeout = (timer) => void this.timers.delete(timer);
  /** Runs what is due, in order, as time passes. */
  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = due[1].at;
      due[1].run();
    }
    this.time = end;
  }
}

export class FakeWebSocket {
  static made = [];
  static get last() {
    return FakeWebSocket.made.at(-1);
  }
  sent = [];
  closed = false;
  constructor(url) {
    this.url = url;
    FakeWebSocket.made.push(this);
  }
  send = (text) => this.sent.push(JSON.parse(text));
  close = () => (this.closed = true);
  says = (frame) => this.onmessage({ data: JSON.stringify(frame) });
  dies = (code = 1006) => this.onclose({ code });
}

export class FakeStorage {
  values = new Map();
  get length() {
    return this.values.size;
  }
  key = (at) => [...this.values.keys()][at] ?? null;
  getItem = (key) => this.values.get(key) ?? null;
  setItem = (key, value) => void this.values.set(key, String(value));
  removeItem = (key) => void this.values.delete(key);
}

export const WELCOME = { t: "welcome", v: 1, actor: "user:7", name: "Mia", window: 262144 };
