/** Tells the server how far the reader has read: what is at the end, in a page that is looked at. */

const AT_MOST_EVERY = 1000;

export class ReadReporter {
  constructor({ socket, list, session, channel, isLooking }) {
    Object.assign(this, { socket, list, session, channel, isLooking });
    this.told = 0;
    this.timer = null;
  }

  /** Something was shown, or looked at again. */
  note() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.#tell();
    }, AT_MOST_EVERY);
  }

  #tell() {
    const at = this.channel.next ?? 0;
    if (at <= this.told || this.channel.state !== "live" || !this.isLooking()) return;
    if (!this.socket.send({ t: "read", s: this.session, at })) return;
    this.told = at;
    this.list.read(this.session, at);
  }
}
