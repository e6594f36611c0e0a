/** Where one writes: Enter sends, Shift+Enter breaks the line, the box grows, and nothing typed is lost. */

const KEEP_AFTER = 300;

export class Composer {
  /** `onSend(text)` returns false when the text was not taken: then it stays. */
  constructor({ form, draft = "", keepDraft = () => true, onSend, touch = matchMedia("(pointer: coarse)").matches }) {
    Object.assign(this, { form, keepDraft, onSend, touch });
    this.box = form.querySelector("textarea");
    this.button = form.querySelector("button[type=submit]");
    if (draft && !this.box.value) this.box.value = draft;
    this.box.addEventListener("input", () => this.#edited());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    // A draft is kept at once when the page goes, whatever the timer says.
    addEventListener("pagehide", () => this.#keep());
    this.#fit();
  }

  async send() {
    const text = this.box.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    try {
      if ((await this.onSend(text)) === false) return;
      this.box.value = "";
      this.#keep();
      this.#fit();
    } finally {
      this.sending = false;
    }
    this.box.focus();
  }

  /** Put a text back for another wording, behind what is there already. */
  edit(text) {
    if (text == null) return;
    this.box.value = this.box.value.trim() ? `${this.box.value.trimEnd()}\n\n${text}` : text;
    this.#edited();
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  #key(event) {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.shiftKey || event.altKey) return;
    // On glass the Enter key is how one breaks a line; the button sends.
    if (this.touch && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.send();
  }

  #edited() {
    this.#fit();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#keep(), KEEP_AFTER);
  }

  #keep() {
    clearTimeout(this.timer);
    this.keepDraft(this.box.value);
  }

  #fit() {
    this.button.disabled = !this.box.value.trim();
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }
}
