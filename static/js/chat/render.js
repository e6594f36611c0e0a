/**
 * The conversation in the DOM. Changes of the fold are noted as they come and written once for each frame of the
 * screen; nodes stay what they are while their item lives, so a selection, an open card and the scroll position survive.
 */
import { isRunOver } from "../session/fold.js";
import { ArtifactCard } from "./artifact.js";
import { AskCard } from "./ask.js";
import { Branches } from "./branches.js";
import { h } from "./dom.js";
import { Lane } from "./lane.js";
import { AnswerText, PersonText } from "./message.js";
import { isSkill, SkillSteps, skillOf } from "./steps.js";
import { ToolCard } from "./tool.js";
import { Turn } from "./turn.js";
import { ago, exactTime, usageWithin, usageWords } from "./words.js";

export class Conversation {
  /**
   * @param {{root: HTMLElement, nameOf: (actor: string, view: object) => string, actions: object,
   *   beforeWrite?: () => void, afterWrite?: () => void, now?: () => number,
   *   nextFrame?: (run: () => void) => unknown}} options
   */
  constructor({ root, nameOf, actions, beforeWrite = () => {}, afterWrite = () => {}, now = Date.now, nextFrame = (run) => requestAnimationFrame(run) }) {
    Object.assign(this, { root, nameOf, actions, beforeWrite, afterWrite, now, nextFrame });
    this.parts = new Map(); // item id -> AnswerText | PersonText | ToolCard | AskCard | ArtifactCard | SkillSteps | SkillStep
    this.turns = new Map(); // run id -> Turn | Lane
    this.dirty = new Set();
    this.dirtyRuns = new Set();
    this.gone = new Set();
    this.asks = new Set(); // the cards of open questions
    this.skills = new Set(); // the checklists
    this.frame = null;
    this.branches = new Branches({ actions });
    this.branchesChanged = true;
  }

  /** @param changes What the fold said; null when the whole view is another one. */
  change(fold, changes) {
    if (this.fold !== fold) changes = null;
    this.fold = fold;
    if (changes === null) this.replaceAll = this.branchesChanged = true;
    else {
      for (const change of changes) {
        if (change.type !== "append") this.branchesChanged = true;
        if (change.type === "append" || change.type === "item") this.dirty.add(change.id);
        else if (change.type === "remove") for (const id of change.ids) this.gone.add(id);
        else if (change.type === "run") this.dirtyRuns.add(change.id);
        else if (change.type === "participants") this.rightsChanged = true;
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
      const part = this.parts.get(id);
      part?.node.remove();
      this.asks.delete(part);
      this.skills.delete(part);
      this.parts.delete(id);
    }
    if (this.rightsChanged) this.#showRights();
    const runs = new Set(this.dirtyRuns);
    this.#countActive(runs);
    for (const id of this.dirty) {
      const item = this.fold.items.get(id);
      if (!item) continue;
      const part = this.parts.get(id);
      if (part) part.update(item);
      else this.#add(item);
      if (item.run) runs.add(item.run);
      if (item.kind === "interrupt") this.asks[item.status === "open" ? "add" : "delete"](this.parts.get(id));
    }
    for (const id of runs) if (this.fold.view.runs[id]?.parent) runs.add(this.fold.view.runs[id].parent);
    for (const id of runs) this.#updateTurn(id);
    for (const [id, turn] of this.turns) {
      if (!turn.items.childElementCount && !this.fold.view.runs[id]) this.#dropTurn(id);
    }
    if (this.branchesChanged) this.#showBranch();
    this.dirty.clear();
    this.dirtyRuns.clear();
    this.gone.clear();
    this.afterWrite();
  }

  #showBranch() {
    this.branchesChanged = false;
    const people = [...this.parts.values()].filter((part) => part instanceof PersonText);
    this.branches.update(this.fold.view, people, this.turns);
  }

  /** Once a second: the times of what is under way. */
  tick() {
    for (const turn of this.turns.values()) if (turn.ticking) turn.tick();
    for (const card of this.asks) card.tick();
    for (const skill of this.skills) if (skill.node.dataset.state === "running") skill.tick();
  }

  /** Whose buttons are shown depends on what one may do here. */
  #showRights() {
    this.rightsChanged = false;
    for (const [id, part] of this.parts) if (part instanceof AskCard || part instanceof ToolCard) this.dirty.add(id);
    for (const id of this.turns.keys()) this.dirtyRuns.add(id);
  }

  /** When several turns are at work, each gets a stop of its own; then all of them are told. */
  #countActive(runs) {
    if (!runs.size) return;
    const active = Object.entries(this.fold.view.runs).filter(([, run]) => !isRunOver(run) && !run.parent);
    const several = active.length > 1;
    if (several !== this.several) for (const [id] of active) runs.add(id);
    this.several = several;
  }

  #noteDifferences() {
    this.replaceAll = false;
    const { view, items } = this.fold;
    // Texts that go on where they were stay, as long as the order does; else all is made again.
    const wanted = view.items.map((item) => item.id);
    const kept = [...this.parts].filter(([id]) => items.has(id));
    const goesOn = kept.every(([id, part], at) => {
      const item = items.get(id);
      return wanted[at] === id && (same(part.item, item) || part.continues(item));
    });
    for (const id of this.parts.keys()) if (!goesOn || !items.has(id)) this.gone.add(id);
    if (!goesOn) for (const id of [...this.turns.keys()]) this.#dropTurn(id);
    for (const id of wanted) this.dirty.add(id);
    for (const id of [...Object.keys(view.runs), ...this.turns.keys()]) this.dirtyRuns.add(id);
  }

  #add(item) {
    const { view } = this.fold;
    const person = item.kind === "message" && item.role === "user";
    const skill = item.kind === "tool" ? skillOf(item, this.parts) : null;
    let part;
    if (person) {
      part = new PersonText(item, { name: this.nameOf(item.actor, view), time: this.time(item.ts) });
      // What was said to a run while it worked stands where the run read it.
      if (item.run && view.runs[item.run]) this.#turn(item.run, this.#beginning(item.run)).items.append(part.node);
      else this.root.append(part.node);
    } else if (skill) {
      part = skill.add(item);
    } else {
      part = this.#made(item);
      this.#turn(item.run, item).items.append(part.node);
      if (part instanceof SkillSteps) {
        this.skills.add(part);
        part.updateRun(view.runs[item.run]);
      }
    }
    this.parts.set(item.id, part);
  }

  #made(item) {
    const { now, actions } = this;
    if (isSkill(item)) return new SkillSteps(item, { now, actions });
    if (item.kind === "tool") return new ToolCard(item, { now, actions });
    if (item.kind === "artifact") return new ArtifactCard(item, { actions });
    return item.kind === "interrupt" ? new AskCard(item, { now, actions }) : new AnswerText(item);
  }

  #beginning(runId) {
    const { agent, ts } = this.fold.view.runs[runId];
    return { actor: `agent:${agent}`, ts };
  }

  #turn(runId, { actor, ts }) {
    const key = runId ?? `outside:${actor}`;
    let turn = this.turns.get(key);
    // Texts outside any run stand where they were said.
    if (turn && runId == null && this.root.lastElementChild !== turn.node) turn = null;
    if (turn) return turn;
    const { view } = this.fold;
    const run = view.runs[runId];
    const { now, actions } = this;
    // A sub-agent that goes on after a question is still the same agent's.
    const parent = run?.parent ?? view.runs[run?.resumes]?.parent;
    if (parent && view.runs[parent]) {
      turn = new Lane({ id: runId, title: run.title || this.nameOf(actor, view), now, actions });
      this.#turn(parent, this.#beginning(parent)).lanes().append(turn.node);
    } else {
      const resumes = run?.resumes != null && this.root.lastElementChild === this.turns.get(run.resumes)?.node;
      turn = new Turn({ id: runId, name: this.nameOf(actor, view), time: this.time(ts), now, actions, resumes });
      this.root.append(turn.node);
    }
    this.turns.set(key, turn);
    return turn;
  }

  #updateTurn(id) {
    const { view, items } = this.fold;
    const run = view.runs[id];
    if (!run) return;
    let turn = this.turns.get(id);
    // While its input stands in the queue, so does the run; after that it shows before its first word that it works.
    if (!turn && view.inputs.some((input) => input.id === run.input)) return;
    if (!turn) {
      turn = this.#turn(id, this.#beginning(id));
      // One that ended without a word has no place of its own: it stands below what it was asked.
      const asked = this.parts.get(run.input)?.node;
      if (isRunOver(run) && run.resumes == null && asked?.parentNode === this.root && turn.node.parentNode === this.root) asked.after(turn.node);
    }
    const open = [...(this.fold.open.get(id) ?? [])].map((each) => items.get(each)).at(-1);
    const hasText = [...turn.items.children].some((node) => node.classList.contains("answer"));
    const input = items.get(run.input);
    const helpers = Object.values(view.runs).filter((each) => each.parent === id && !isRunOver(each)).length;
    const asks = [...this.asks].some((card) => card.item.run === id);
    const within = isRunOver(run) ? usageWithin(view.runs, id) : null;
    for (const skill of this.skills) if (skill.item.run === id) skill.updateRun(run, within && usageWords(within.rows).cost);
    turn.update(run, { open, startTs: input?.ts ?? run.ts, copyText: hasText, asks, several: this.several, helpers, within });
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
