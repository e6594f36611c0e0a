/**
 * The conversation in the DOM. Changes of the fold are noted as they come and written once for each frame of the
 * screen; nodes stay what they are while their item lives, so a selection, an open card and the scroll position survive.
 */
import { h } from "./dom.js";
import { AnswerText, PersonText } from "./message.js";
import { ToolCard } from "./tool.js";
import { Turn } from "./turn.js";
import { ago, exactTime } from "./words.js";

export class Conversation {
  /**
   * @param {{root: HTMLElement, nameOf: (actor: string, view: object) => string, onAgain: (text: string) => void,
   *   beforeWrite?: () => void, afterWrite?: () => void, now?: () => number,
   *   nextFrame?: (run: () => void) => unknown}} options
   */
  constructor({ root, nameOf, onAgain, beforeWrite = () => {}, afterWrite = () => {}, now = Date.now, nextFrame = (run) => requestAnimationFrame(run) }) {
    Object.assign(this, { root, nameOf, onAgain, beforeWrite, afterWrite, now, nextFrame });
    this.parts = new Map(); // item id -> AnswerText | PersonText | ToolCard
    this.turns = new Map(); // run id -> Turn
    this.dirty = new Set();
    this.dirtyRuns = new Set();
    this.gone = new Set();
    this.frame = null;
  }

  /** @param changes What the fold said; null when the whole view is another one. */
  change(fold, changes) {
    if (this.fold !== fold) changes = null;
    this.fold = fold;
    if (changes === null) this.replaceAll = true;
    else {
      for (const change of changes) {
        if (change.type === "append" || change.type === "item") this.dirty.add(change.id);
        else if (change.type === "remove") for (const id of change.ids) this.gone.add(id);
        else if (change.type === "run") this.dirtyRuns.add(change.id);
      }
    }
    this.frame ??= this.nextFrame(() => this.write());
  }

  write() {
    this.frame = null;
    this.beforeWrite();
    if (this.replaceAll) this.#noteDifferences();
    for (const id of this.gone) {
      // Gone and come back under the same id within one frame is a removal, too.
      this.parts.get(id)?.node.remove();
      this.parts.delete(id);
    }
    const runs = new Set(this.dirtyRuns);
    for (const id of this.dirty) {
      const item = this.fold.items.get(id);
      if (!item) continue;
      const part = this.parts.get(id);
      if (part) part.update(item);
      else this.#add(item);
      if (item.run) runs.add(item.run);
    }
    for (const id of runs) this.#updateTurn(id);
    for (const [id, turn] of this.turns) {
      if (!turn.items.childElementCount && !this.fold.view.runs[id]) this.#dropTurn(id);
    }
    this.dirty.clear();
    this.dirtyRuns.clear();
    this.gone.clear();
    this.afterWrite();
  }

  /** Once a second: the times of what is under way. */
  tick() {
    for (const turn of this.turns.values()) if (turn.ticking) turn.tick();
  }

  #noteDifferences() {
    this.replaceAll = false;
    const { view, items } = this.fold;
    // Texts that go on where they were stay, as long as the order does; else all is made again.
    const wanted = view.items.map((item) => item.id);
    const kept = [...this.parts].filter(([id]) => items.has(id));
    const goesOn = kept.every(([id, part], at) => {
      const item = items.get(id);
      return wanted[at] === id && (part instanceof ToolCard || same(part.item, item) || part.continues(item));
    });
    for (const id of this.parts.keys()) if (!goesOn || !items.has(id)) this.gone.add(id);
    if (!goesOn) for (const id of [...this.turns.keys()]) this.#dropTurn(id);
    for (const id of wanted) this.dirty.add(id);
    for (const id of [...Object.keys(view.runs), ...this.turns.keys()]) this.dirtyRuns.add(id);
  }

  #add(item) {
    const { view } = this.fold;
    const person = item.kind === "message" && item.role === "user";
    let part;
    if (person) {
      part = new PersonText(item, { name: this.nameOf(item.actor, view), time: this.time(item.ts) });
      this.root.append(part.node);
    } else {
      part = item.kind === "tool" ? new ToolCard(item, { now: this.now }) : new AnswerText(item);
      this.#turn(item.run, item).items.append(part.node);
    }
    this.parts.set(item.id, part);
  }

  #turn(runId, { actor, ts }) {
    const key = runId ?? `outside:${actor}`;
    let turn = this.turns.get(key);
    // Texts outside any run stand where they were said.
    if (turn && runId == null && this.root.lastElementChild !== turn.node) turn = null;
    if (!turn) {
      turn = new Turn({ id: runId, name: this.nameOf(actor, this.fold.view), time: this.time(ts), now: this.now, onAgain: this.onAgain });
      this.turns.set(key, turn);
      this.root.append(turn.node);
    }
    return turn;
  }

  #updateTurn(id) {
    const { view, items } = this.fold;
    const run = view.runs[id];
    if (!run) return;
    let turn = this.turns.get(id);
    // While its input stands in the queue, so does the run; after that it shows before its first word that it works.
    if (!turn && view.inputs.some((input) => input.id === run.input)) return;
    if (!turn) turn = this.#turn(id, { actor: `agent:${run.agent}`, ts: run.ts });
    const open = [...(this.fold.open.get(id) ?? [])].map((each) => items.get(each)).at(-1);
    const hasText = [...turn.items.children].some((node) => node.classList.contains("answer"));
    const input = items.get(run.input);
    turn.update(run, { open, inputText: input?.text, startTs: input?.ts ?? run.ts, copyText: hasText });
  }

  #dropTurn(id) {
    this.turns.get(id)?.node.remove();
    this.turns.delete(id);
  }

  time(ts) {
    return h("time", { datetime: new Date(ts).toISOString(), title: exactTime(ts), "data-ts": ts }, ago(ts, this.now()));
  }

  /** What of a run is to be copied: its texts as they were written, without the tool cards. */
  answerText(runId) {
    return this.fold.view.items.filter((item) => item.run === runId && item.kind === "message" && item.role === "assistant").map((item) => item.text).join("\n\n");
  }
}

const same = (a, b) => a.status === b.status && a.text === b.text;
