/** What of a chat's changes is said to a screen reader: only what happens while one follows; the rest is there to be read. */
import { stoppedWords } from "./words.js";

const SENT = {
  queue: "Your message is queued.",
  steer: "Your message goes to the answer under way.",
  interrupt: "The answer is interrupted for your message.",
};
const VERDICTS = { approved: "approved", denied: "denied", answered: "answered", stopped: "stopped" };

export class SessionNews {
  /** `holder` is who holds control at the beginning, or null. */
  constructor({ announcer, me, nameOf, holder }) {
    Object.assign(this, { announcer, me, nameOf, holder });
  }

  /** What becomes of a message that was sent while somebody works. */
  sent(mode) {
    return SENT[mode] ?? "Your message waits.";
  }

  tell({ view, items }, changes) {
    for (const change of changes) {
      if (change.type === "item") this.#item(items.get(change.id), view);
      else if (change.type === "run") this.#run(view.runs[change.id], view);
      else if (change.type === "session") this.#control(view);
    }
  }

  #item(item, view) {
    if (item?.kind === "message" && item.status === "done") {
      if (view.runs[item.run]?.parent) return; // what sub-agents say is there to be opened
      if (item.role === "assistant") this.announcer.answer(this.nameOf(item.actor, view), item.text);
      else if (item.actor !== this.me) this.announcer.say(`${this.nameOf(item.actor, view)} wrote: ${item.text}`);
    } else if (item?.kind === "interrupt") {
      if (item.status === "open") this.announcer.say(`${item.ask === "question" ? "A question" : "An approval"} waits: ${item.title}`);
      else if (item.by !== this.me) this.announcer.say(this.#verdict(item, view));
    }
  }

  #control(view) {
    const holder = view.session?.control?.actor ?? null;
    if (holder === this.holder) return;
    this.holder = holder;
    if (holder === null) this.announcer.say("Control was given back. Agents answer again.");
    else this.announcer.say(`${this.nameOf(holder, view)} ${holder === this.me ? "hold" : "holds"} control. Messages start no answer.`);
  }

  #verdict(item, view) {
    if (item.status === "expired") return `Nobody decided in time: ${item.title}`;
    return `${this.nameOf(item.by, view)} ${VERDICTS[item.status] ?? item.status}: ${item.title}`;
  }

  #run(run, view) {
    if (run.status === "failed") this.announcer.say(`No answer came. ${run.error?.message ?? ""}`);
    else if (run.status === "retrying") this.announcer.say("The answer was interrupted and is being tried again.");
    else if (run.status === "cancelled") this.announcer.say(`${stoppedWords(run.stopped, this.nameOf(run.stopped?.by, view))}.`);
  }
}
