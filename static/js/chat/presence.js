/** Who else is here now and who types. Tells the others, too, once the server has shown that it passes such things on. */
import { h, setText } from "./dom.js";

const TELL_AT_MOST_EVERY = 3000;

export class Presence {
  constructor({ socket, session, root, line, box, nameOf, me, now = Date.now }) {
    Object.assign(this, { socket, session, root, line, box, nameOf, me, now });
    this.known = false;
    this.told = -Infinity;
    socket.onFrame((frame) => frame.t === "presence" && frame.s === session && this.#show(frame.people));
    socket.onState((state) => state !== "live" && this.#show([]));
    box.addEventListener("input", () => this.#typed());
  }

  /** What was typed has gone out. */
  sent() {
    if (this.told !== -Infinity && this.socket.send({ t: "typing", s: this.session, on: false })) this.told = -Infinity;
  }

  #show(people) {
    if (people.length) this.known = true;
    const others = people.filter((person) => person.actor !== this.me);
    this.root.replaceChildren(
      ...others.map(({ actor, typing }) => h("li.person-dot", { title: this.nameOf(actor), "data-typing": typing }, h("span", { "aria-hidden": "true" }, initials(this.nameOf(actor))), h("span.sr-only", `${this.nameOf(actor)} is here`))),
    );
    this.root.hidden = !others.length;
    setText(this.line, typingWords(others.filter((person) => person.typing).map((person) => this.nameOf(person.actor))));
  }

  #typed() {
    if (this.box.value.trim() === "") return this.sent();
    if (!this.known || this.now() - this.told < TELL_AT_MOST_EVERY) return;
    if (this.socket.send({ t: "typing", s: this.session, on: true })) this.told = this.now();
  }
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...word][0] ?? "").join("").toUpperCase();
}

export function typingWords(names) {
  if (!names.length) return "";
  if (names.length === 1) return `${names[0]} is typing`;
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing` : `${names.length} people are typing`;
}
