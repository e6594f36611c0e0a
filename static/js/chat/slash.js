/**
 * The palette: "/" at the beginning lists the skills, and behind a skill's name the records that fit. It lies over the page, so
 * nothing moves. The text box keeps the focus; `aria-activedescendant` tells which row is meant.
 */
import { h, setText } from "./dom.js";
import { commandIn, fitting } from "./slash_match.js";
import { count } from "./words.js";

const TYPED_AFTER = 120;

export class SlashPalette {
  /** `fetchJson(url)` resolves to the answer's JSON, or null when there is none. */
  constructor({ root, composer, announcer = null, fetchJson = getJson }) {
    Object.assign(this, { root, composer, announcer, fetchJson });
    this.box = composer.box;
    this.url = root.dataset.skills;
    this.list = root.querySelector("[role=listbox]");
    this.help = root.querySelector(".slash-help");
    this.rows = []; // [{node, choose}]
    this.active = -1;
    this.dismissed = null; // the text for which Escape closed it
    this.skills = null;
    this.asked = 0;
    this.box.addEventListener("input", () => this.update());
    this.box.addEventListener("focus", () => this.update());
    this.box.addEventListener("click", () => this.update());
    this.box.addEventListener("blur", () => this.#hide());
    // Before the composer: a key that means a row does not send.
    composer.form.addEventListener("keydown", (event) => this.#key(event), true);
    composer.form.addEventListener("submit", () => this.#hide(), true);
    // A press must not take the focus from the text.
    root.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  async update() {
    const command = commandIn(this.box.value);
    if (!command || this.dismissed === this.box.value) return this.#hide();
    this.dismissed = null;
    this.skills ??= this.#load();
    const skills = await this.skills;
    const now = commandIn(this.box.value);
    if (!now || document.activeElement !== this.box) return this.#hide();
    const skill = now.rest && skills.find((each) => each.name === now.name);
    if (skill) this.#argue(skill, now);
    else if (!now.rest) this.#offer(fitting(skills, now.name), now);
    else this.#hide();
  }

  async #load() {
    const answer = await this.fetchJson(this.url);
    if (!answer) this.skills = null; // asked again with the next slash
    return answer?.skills ?? [];
  }

  #offer(skills, command) {
    this.mode = "skills";
    this.whole = skills.some((each) => each.name === command.name);
    clearTimeout(this.timer);
    this.names = null;
    this.#help(null);
    this.#fill(
      skills.map((skill) => ({
        parts: [h("span.slash-name", `/${skill.name}`, skill.hint && h("span.slash-hint", ` ${skill.hint}`)), h("span.slash-what", skill.help)],
        choose: () => this.#write(`/${skill.name} `),
      })),
      { label: "Skills", first: 0, said: count(skills.length, "skill") },
    );
  }

  /** Its argument stays in view; names come when the typing rests. */
  #argue(skill, command) {
    this.mode = "names";
    this.#help(skill);
    if (!skill.about.length) return this.#fill([]);
    if (this.names?.text === command.rest && this.names.skill === skill.name) return this.#show(command);
    // Rows for another text would be wrong to choose.
    if (!this.names || this.names.skill !== skill.name || !command.rest.startsWith(this.names.text)) this.#fill([]);
    this.active = -1;
    this.#mark();
    clearTimeout(this.timer);
    const asked = (this.asked += 1);
    this.timer = setTimeout(async () => {
      const answer = await this.fetchJson(`${this.url}${skill.name}/names/?text=${encodeURIComponent(command.rest)}`);
      if (asked !== this.asked || this.box.value.slice(command.at) !== command.rest) return;
      this.names = { skill: skill.name, text: command.rest, items: answer?.items ?? [] };
      this.#show(command);
    }, TYPED_AFTER);
  }

  #show(command) {
    const { items } = this.names;
    this.#fill(
      items.map(({ at, value, name, note }) => ({
        parts: [h("span.slash-name", name), note && h("span.slash-what", note)],
        choose: () => this.#write(`${this.box.value.slice(0, command.at)}${spaced(command.rest.slice(0, at))}${value} `, true),
      })),
      { label: "Accounts, deals and meetings", first: -1, said: items.length ? `${items.length} names fit` : "" },
    );
  }

  #help(skill) {
    this.help.hidden = !skill;
    if (!skill) return;
    const [usage, what] = this.help.children;
    setText(usage, `/${skill.name}${skill.hint ? ` ${skill.hint}` : ""}`);
    setText(what, skill.help);
  }

  #fill(rows, { label = "", first = -1, said = "" } = {}) {
    this.rows = rows.map(({ parts, choose }, at) => {
      const node = h("li.slash-row", { id: `slash-${at}`, role: "option", "aria-selected": "false", onclick: choose }, parts);
      return { node, choose };
    });
    this.list.replaceChildren(...this.rows.map((row) => row.node));
    this.list.hidden = !rows.length;
    if (label) this.list.setAttribute("aria-label", label);
    this.active = rows.length ? first : -1;
    this.root.hidden = !rows.length && this.help.hidden;
    if (this.root.hidden) return this.#hide();
    // A text of several lines may not be a combobox (ARIA in HTML); as a textbox it may point to a row of a list all the same.
    this.box.setAttribute("aria-autocomplete", "list");
    this.box.setAttribute("aria-haspopup", "listbox");
    this.box.setAttribute("aria-controls", this.list.id);
    this.#mark();
    if (said && said !== this.said) this.announcer?.say(said);
    this.said = said;
  }

  #mark() {
    for (const [at, { node }] of this.rows.entries()) node.setAttribute("aria-selected", String(at === this.active));
    const row = this.rows[this.active]?.node;
    if (row) {
      this.box.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    } else this.box.removeAttribute("aria-activedescendant");
  }

  #hide() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.said = "";
    this.root.hidden = true;
    this.rows = [];
    this.active = -1;
    this.list.replaceChildren();
    for (const name of ["aria-autocomplete", "aria-haspopup", "aria-controls", "aria-activedescendant"]) this.box.removeAttribute(name);
  }

  #write(text, done = false) {
    this.box.value = text;
    this.box.setSelectionRange(text.length, text.length);
    this.names = null;
    if (done) this.dismissed = text;
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.box.focus();
  }

  #key(event) {
    if (event.target !== this.box || this.root.hidden || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.rows.length;
    if (event.key === "Escape") {
      this.dismissed = this.box.value;
      this.#hide();
    } else if (!count) return;
    else if (event.key === "ArrowDown") this.#move(this.active + 1 < count ? this.active + 1 : this.mode === "names" ? -1 : 0);
    else if (event.key === "ArrowUp") this.#move(this.active > 0 ? this.active - 1 : this.active === 0 && this.mode === "names" ? -1 : count - 1);
    else if (event.key === "Tab" && !event.shiftKey) this.rows[Math.max(this.active, 0)].choose();
    // A name that is whole already is sent, unless another row was gone to.
    else if (event.key === "Enter" && !event.shiftKey && this.active >= 0 && !(this.mode === "skills" && this.whole && this.active === 0)) this.rows[this.active].choose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(at) {
    this.active = at;
    this.#mark();
  }
}

const spaced = (text) => (text && !/\s$/.test(text) ? `${text} ` : text || " ");

async function getJson(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
