/** The panel beside the transcript, on a phone over it: one artifact in a frame, with its versions and what can be done with it. */
import { framed, listen, printOf } from "../artifact/frame.js";
import { pageOf } from "./artifact.js";
import { h, setText } from "./dom.js";
import { ago } from "./words.js";

export class ArtifactPanel {
  /** `onAsk(text)` puts a text where people write; they send it. `load(url, init)` is `fetch`. */
  constructor({ root, say, onAsk, load = (url, init) => fetch(url, init), csrf = () => "" }) {
    Object.assign(this, { root, say, load, csrf });
    this.title = h("h2", { id: "artifact-panel-title", tabindex: "-1" });
    this.versions = h("select", { "aria-label": "Version", onchange: () => this.#show(Number(this.versions.value)) });
    this.print = h("button.artifact-do", { type: "button", onclick: () => printOf(this.shown.print) }, "Print");
    this.pdf = h("a.artifact-do", { target: "_blank", rel: "noopener" }, "PDF");
    this.download = h("a.artifact-do", { download: true }, "Download");
    this.share = h("button.artifact-do", { type: "button", "aria-expanded": "false", onclick: () => this.#sharing() }, "Share");
    this.page = h("a.artifact-do", { target: "_blank", rel: "noopener" }, "Page");
    this.close = h("button.artifact-do", { type: "button", "aria-label": "Close", onclick: () => this.hide() }, "✕");
    this.head = h("header.artifact-panel-head", this.title, this.close, this.versions, this.print, this.pdf, this.download, this.share, this.page);
    this.sharing = h("div.artifact-sharing", { hidden: true });
    this.note = h("p.artifact-note.muted", { role: "status", hidden: true });
    this.way = h("p.artifact-way", { role: "status", hidden: true });
    this.box = h("div.artifact-frame", this.note, this.way);
    root.setAttribute("aria-labelledby", "artifact-panel-title");
    root.replaceChildren(this.head, this.sharing, this.box);
    root.addEventListener("keydown", (event) => this.#key(event));
    listen({
      frame: () => this.frame,
      way: this.way,
      onEscape: () => this.hide(),
      onAsk: (text) => {
        // On a phone the panel lies over where one writes.
        if (this.#covers()) this.hide();
        onAsk(text);
        say("Put where you write. Send it when it is right.");
      },
    });
  }

  /** @param opener What gets the focus back. */
  async open(item, opener) {
    if (!pageOf(item)) return;
    this.opener = opener;
    this.url = item.url;
    this.root.hidden = false;
    setText(this.title, item.title);
    this.#cover();
    this.title.focus({ preventScroll: true });
    await this.#show(item.version);
  }

  hide() {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.frame?.remove();
    this.frame = null;
    this.url = null;
    this.#cover();
    (this.opener?.isConnected ? this.opener : document.querySelector("#composer-text"))?.focus();
  }

  async #show(version) {
    const asked = (this.asked = {});
    this.sharing.hidden = true;
    this.way.hidden = true;
    this.share.disabled = true; // until there is something to share
    this.#tell("Opening");
    let shown;
    try {
      const answer = await this.load(`${this.url}panel?version=${version}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status === 404 ? "It is not there any longer, or you may not see it." : `The server answered with an error (${answer.status}).`);
      shown = await answer.json();
    } catch (problem) {
      if (asked !== this.asked) return;
      this.frame?.remove();
      this.frame = null;
      this.#tell(problem instanceof TypeError ? "The server could not be reached. Close this and open it again." : problem.message);
      return;
    }
    // Another was asked for meanwhile, or the panel was closed.
    if (asked !== this.asked || this.root.hidden) return;
    this.shown = shown;
    setText(this.title, shown.title);
    this.versions.replaceChildren(...shown.versions.map(({ number, at }) => h("option", { value: number, selected: number === shown.version }, `Version ${number}, ${ago(Date.parse(at), Date.now())}`)));
    this.versions.hidden = shown.versions.length < 2;
    this.pdf.href = shown.pdf;
    this.download.href = shown.download;
    this.page.href = shown.page;
    this.share.hidden = !shown.share;
    this.share.disabled = false;
    this.frame?.remove();
    this.frame = h("iframe", { src: framed(shown.frame), sandbox: "allow-scripts", referrerpolicy: "no-referrer", title: `${shown.title}, version ${shown.version}` });
    this.#tell("");
    this.box.prepend(this.frame);
  }

  #tell(words) {
    this.note.hidden = !words;
    setText(this.note, words);
  }

  #sharing() {
    const opens = this.sharing.hidden;
    this.sharing.hidden = !opens;
    this.share.setAttribute("aria-expanded", String(opens));
    if (!opens) return;
    const { care, days, version } = this.shown;
    const knowing = care ? h("input", { type: "checkbox" }) : null;
    const make = h("button.button.primary", { type: "button" }, "Make a link");
    const told = h("p", { role: "status" });
    make.addEventListener("click", () => this.#makeLink({ knowing, make, told }));
    this.sharing.replaceChildren(
      h("p", `Whoever has the link sees version ${version} without our sources, for ${days} days.`),
      ...(knowing ? [h("p", h("label", knowing, `Share it all the same: ${care}`))] : []),
      h("p", make),
      told,
    );
    (knowing ?? make).focus();
  }

  async #makeLink({ knowing, make, told }) {
    if (knowing && !knowing.checked) return setText(told, "Tick the box to share it all the same.");
    make.disabled = true;
    try {
      const body = new FormData();
      if (knowing?.checked) body.set("knowing", "1");
      const answer = await this.load(this.shown.share, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": this.csrf() } });
      const made = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(made.error?.message ?? `The server answered with an error (${answer.status}).`);
      const address = h("input", { value: made.url, readonly: true, "aria-label": "Link for people without a login" });
      told.replaceChildren("Copy it now, it is shown only once: ", address);
      address.select();
    } catch (problem) {
      setText(told, problem instanceof TypeError ? "The server could not be reached. No link was made." : problem.message);
      make.disabled = false;
    }
  }

  #covers() {
    return matchMedia("(max-width: 900px)").matches;
  }

  /** While it lies over the chat, nothing below it is reached. */
  #cover() {
    const below = !this.root.hidden && this.#covers();
    for (const each of this.root.parentElement.children) if (each !== this.root) each.inert = below;
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.hide();
  }
}
