/** Who takes part, with what rights; letting colleagues in and go. */
import { h, setText } from "./dom.js";

const ROLES = { owner: "Owner", member: "Member", observer: "Observer" };
const INVITED = { member: "may write and decide", observer: "may read" };
const SEARCH_AFTER = 200;

export class People {
  /** `search(text, signal)` resolves to `[{actor, name, detail}]`; `onLeft()` is told when one left. */
  constructor({ dialog, opener, view, run, actions, search = searchPeople, onLeft }) {
    Object.assign(this, { dialog, opener, view, run, actions, search, onLeft });
    this.list = dialog.querySelector("[data-people]");
    this.found = dialog.querySelector("[data-found]");
    this.query = dialog.querySelector("#people-search");
    this.role = dialog.querySelector("#people-role");
    this.status = dialog.querySelector("[data-status]");
    this.role.replaceChildren(...Object.entries(INVITED).map(([role, may]) => new Option(`${ROLES[role]}: ${may}`, role)));
    opener.addEventListener("click", () => this.#open());
    this.query.addEventListener("input", () => this.#searchSoon());
    this.query.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  update() {
    const { participants } = this.view();
    this.here = Object.entries(participants).filter(([, person]) => person.here);
    setText(this.opener.querySelector("[data-count]"), String(this.here.length));
    this.dialog.querySelector("[data-invite]").hidden = !this.actions.mayAct();
    if (this.dialog.open) this.#show();
  }

  #open() {
    this.opener.closest("details").open = false;
    this.asking = null;
    this.#say("");
    this.#show();
    this.dialog.showModal();
    if (this.actions.mayAct()) this.#search(); // without a name: whoever is nearest
  }

  #show() {
    const focused = this.dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const mine = this.view().participants[this.actions.me]?.role;
    this.list.replaceChildren(...this.here.map(([actor, person]) => this.#row(actor, person, mine)));
    if (this.results) this.#showFound();
    if (focused) (this.dialog.querySelector(`[data-focus="${CSS.escape(focused)}"]`) ?? this.dialog.querySelector("button")).focus();
  }

  #row(actor, { name, role }, mine) {
    const self = actor === this.actions.me;
    const mayRemove = role !== "owner" && (self || mine === "owner");
    const word = self ? "Leave" : "Remove";
    const button = (label, focus, run, title) => h("button.quiet", { type: "button", "data-focus": `${focus}:${actor}`, "aria-label": title, onclick: run }, label);
    const asking = this.asking === actor;
    return h("li",
      h("span.person-name", name ?? "Somebody", self && h("span.muted", " (you)")),
      mine === "owner" && INVITED[role] ? this.#roleChoice(actor, name, role) : h("span.muted", ROLES[role] ?? role ?? ""),
      mayRemove && !asking && button(word, "remove", () => ((this.asking = actor), this.#show()), self ? "Leave this chat" : `Remove ${name}`),
      asking && h("span.person-sure",
        self ? "You will not see this chat any more." : `${name} will not see this chat any more.`,
        button(word, "remove", () => this.#remove(actor, self), self ? "Leave this chat now" : `Remove ${name} now`),
        button("Keep", "keep", () => ((this.asking = null), this.#show()))));
  }

  #roleChoice(actor, name, role) {
    const select = h("select", { "aria-label": `Role of ${name}`, "data-focus": `role:${actor}` }, Object.keys(INVITED).map((each) => new Option(ROLES[each], each, false, each === role)));
    select.addEventListener("change", () => this.#try("invite", { actor, role: select.value }, `${name}: ${ROLES[select.value].toLowerCase()}.`));
    return select;
  }

  async #remove(actor, self) {
    this.asking = null;
    const name = this.view().participants[actor]?.name;
    if ((await this.#try("remove", { actor }, `${name} was removed.`)) && self) this.onLeft();
  }

  #searchSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#search(), SEARCH_AFTER);
  }

  async #search() {
    this.searching?.abort();
    const text = this.query.value.trim();
    this.searching = new AbortController();
    try {
      this.results = await this.search(text, this.searching.signal);
      this.#showFound();
      // What was said of an invitation stays.
      const none = text && !this.results.length;
      if (none || this.saidOfSearch) this.#say(none ? `Nobody found for “${text}”.` : "", true);
    } catch (error) {
      if (error.name !== "AbortError") this.#say("People cannot be searched just now. Try again in a moment.", true);
    }
  }

  #showFound() {
    const here = new Set(this.here.map(([actor]) => actor));
    this.found.replaceChildren(
      ...this.results.map(({ actor, name, detail }) =>
        h("li",
          h("span.person-name", name, detail && h("span.muted", ` ${detail}`)),
          here.has(actor) ? h("span.muted", "is in this chat") : h("button.quiet", { type: "button", "data-focus": `invite:${actor}`, "aria-label": `Invite ${name}`, onclick: () => this.#invite(actor, name) }, "Invite"))),
    );
  }

  #invite(actor, name) {
    return this.#try("invite", { actor, role: this.role.value }, `${name} was invited.`);
  }

  async #try(command, fields, done) {
    try {
      await this.run(command, fields);
      this.#say(done);
      return true;
    } catch (error) {
      this.#say(`${error.message} (${error.code})`);
      this.#show();
      return false;
    }
  }

  #say(text, ofSearch = false) {
    this.saidOfSearch = ofSearch;
    setText(this.status, text);
  }
}

async function searchPeople(text, signal) {
  const response = await fetch(`/api/people/?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`http ${response.status}`);
  return (await response.json()).people;
}
