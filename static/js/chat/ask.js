/** A question of a run as a card: what exactly is asked, who may decide and until when; afterwards, who did. */
import { h, setText } from "./dom.js";
import { shown } from "./tool.js";
import { ago, exactTime, inSentence, timeLeft, toolWords } from "./words.js";

/** Whether `actor` may decide it, by its part in the session. */
export function mayDecide(item, actor, participants) {
  const person = participants[actor];
  if (!person?.here || person.role === "observer") return false;
  if (item.who === "owner") return person.role === "owner";
  return item.who === "members" || item.who == null || item.who === actor;
}

export class AskCard {
  /** `actions.decide([{id, decision, hash, text}])` resolves when it is decided. */
  constructor(item, { now, actions }) {
    Object.assign(this, { item, now, actions });
    this.asksText = item.ask === "question";
    const title = h("h3", { id: `ask-${item.id}` }, item.title);
    this.left = h("span.ask-left");
    this.who = h("p.ask-who");
    this.note = h("textarea", { id: `note-${item.id}`, rows: this.asksText ? "2" : "1", maxlength: "20000" });
    this.form = this.#form();
    this.error = h("p.ask-error", { role: "alert", hidden: true });
    this.outcome = h("div.ask-outcome", { hidden: true });
    this.node = h("div.ask", { "data-id": item.id, role: "group", "aria-labelledby": title.id, tabindex: "-1" },
      h("header.ask-head", title, this.left),
      ...this.#what(),
      this.who, this.form, this.error, this.outcome);
    this.update(item);
  }

  update(item) {
    this.item = item;
    const open = item.status === "open";
    const may = open && mayDecide(item, this.actions.me, this.actions.participants());
    this.node.dataset.status = item.status;
    if (!open && this.form.contains(document.activeElement)) this.node.focus({ preventScroll: true });
    this.form.hidden = !may;
    for (const button of this.form.querySelectorAll("button")) button.ariaDisabled = this.deciding ? "true" : null;
    setText(this.who, open ? this.#whoWords(may) : "");
    this.who.hidden = !open;
    this.outcome.hidden = open;
    if (!open) this.outcome.replaceChildren(...this.#outcome());
    this.tick();
  }

  continues() {
    return true;
  }

  get ticking() {
    return this.item.status === "open";
  }

  tick() {
    const { status, expires } = this.item;
    this.left.hidden = status !== "open" || expires == null;
    if (this.left.hidden) return;
    setText(this.left, timeLeft(expires - this.now()));
    this.left.title = `Until ${exactTime(expires)}`;
  }

  #what() {
    const { changes, args, tool } = this.item;
    const parts = [];
    if (changes.length) parts.push(changeTable(changes, this.item.title));
    else if (args != null && !this.asksText) parts.push(h("div.ask-args", shown(JSON.stringify(args))));
    if (changes.length && args != null) {
      parts.push(h("details.ask-raw", h("summary", tool ? `Exactly what “${toolWords(tool)}” will get` : "Exactly as it will be used"), shown(JSON.stringify(args))));
    }
    return parts;
  }

  #form() {
    const label = h("label", { for: this.note.id }, this.asksText ? "Your answer" : "Note (optional)");
    const button = (kind, word, decision) => h(`button.button${kind}`, { type: "button", onclick: () => this.#decide(decision) }, word);
    const buttons = this.asksText
      ? [button(".primary", "Answer", "answer")]
      : [button(".primary", "Approve", "approve"), button("", "Deny", "deny")];
    return h("div.ask-form", label, this.note, h("div.actions", buttons));
  }

  async #decide(decision) {
    const text = this.note.value.trim();
    if (this.deciding) return;
    if (decision === "answer" && !text) {
      this.#fail({ message: "Type an answer first." });
      this.note.focus();
      return;
    }
    this.deciding = true;
    this.error.hidden = true;
    this.update(this.item);
    try {
      await this.actions.decide([{ id: this.item.id, decision, hash: this.item.hash, text }]);
    } catch (error) {
      this.#fail(error);
    }
    this.deciding = false;
    this.update(this.item);
  }

  /** Shown in the card also when somebody else was first and the view has moved on. */
  #fail({ message, code }) {
    this.error.replaceChildren(...[message, code && " ", code && h("code", code)].filter(Boolean));
    this.error.hidden = false;
  }

  #whoWords(may) {
    const { who } = this.item;
    const verb = this.asksText ? "answer" : "decide";
    if (who === "owner") return may ? `Only you, the owner, may ${verb}.` : `Only the owner of this chat may ${verb}.`;
    if (who === "members" || who == null) return may ? `Anybody who takes part may ${verb}; the first answer counts.` : `Members of this chat may ${verb}.`;
    return `Only ${inSentence(this.actions.nameOf(who))} may ${verb}.`;
  }

  #outcome() {
    const { status, by, answer, endTs } = this.item;
    const name = inSentence(this.actions.nameOf(by));
    const words = {
      approved: `Approved by ${name}`,
      denied: `Denied by ${name}`,
      answered: `Answered by ${name}`,
      expired: "Nobody decided in time",
      stopped: `Stopped by ${name} before anybody decided`,
    };
    const when = endTs && h("time", { datetime: new Date(endTs).toISOString(), title: exactTime(endTs), "data-ts": endTs }, ago(endTs, this.now()));
    return [h("p", h("span.ask-verdict", words[status] ?? status), when && " ", when), answer && h("p.ask-answer", answer)].filter(Boolean);
  }
}

/** Fields before and after; where nothing was there before, the new values alone. */
function changeTable(changes, title) {
  const before = changes.some((change) => change.before != null && change.before !== "");
  const head = before && h("thead", h("tr", h("th", { scope: "col" }, h("span.sr-only", "Field")), h("th", { scope: "col" }, "Before"), h("th", { scope: "col" }, "After")));
  const rows = changes.map((change) => h("tr", h("th", { scope: "row" }, change.label ?? ""), before && h("td.before", value(change.before)), h("td.after", value(change.after))));
  return h("div.ask-table", { tabindex: "0", role: "group", "aria-label": `What would change: ${title}` }, h("table", head, h("tbody", rows)));
}

function value(each) {
  if (each == null || each === "") return h("span.muted", "empty");
  if (typeof each === "number") return each.toLocaleString(undefined, { maximumFractionDigits: 20 });
  return typeof each === "object" ? JSON.stringify(each, null, 2) : String(each);
}
