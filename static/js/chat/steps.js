/** A skill at work as one checklist: each step a line with its state, what it found and the time it took; a stop for all of it. */
import { h, setText } from "./dom.js";
import { count, duration, exactTime, parsedJson, toolWords } from "./words.js";

const USE = "use_skill";
const OPEN = new Set(["running", "stale"]);
const STEP_NAMES = { publish_artifact: "Publish it" };

/** Whether a tool call begins a checklist. */
export const isSkill = (item) => item.kind === "tool" && item.name === USE;

/** The call that a step belongs to: steps are called "<call>.<step>". */
export function skillOf(item, parts) {
  for (let at = item.id.lastIndexOf("."); at > 0; at = item.id.lastIndexOf(".", at - 1)) {
    const found = parts.get(item.id.slice(0, at));
    if (found instanceof SkillSteps) return found;
  }
  return null;
}

/** @param items The skill's own call and its steps. What to say of them all. */
export function stateOf(items, run) {
  const over = run == null || run.endTs != null;
  const open = items.find((item) => OPEN.has(item.status));
  const failed = items.filter((item) => item.status === "failed").length;
  if (open && !over) return { state: "running", open, failed };
  if (items.some((item) => item.status === "partial") || run?.status === "cancelled") return { state: "stopped", open: null, failed };
  const published = items.some((item) => item.name === "publish_artifact" && item.status === "done");
  if (!over && items.length > 1 && !published) return { state: "running", open: null, failed };
  return { state: items[0]?.status === "failed" ? "failed" : "done", open: null, failed };
}

export class SkillSteps {
  constructor(item, { now, actions }) {
    Object.assign(this, { now, actions });
    this.steps = new Map(); // item id -> SkillStep
    this.mark = h("span.tool-mark", { "aria-hidden": "true" });
    this.title = h("span.steps-title");
    this.state = h("span.steps-state");
    this.list = h("ol.steps-list", { "aria-label": "Steps" });
    this.details = h("details.steps-more", h("summary", this.mark, this.title, this.state), this.list);
    this.stop = h("button.quiet", { type: "button", hidden: true, onclick: () => actions.stop(this.item.run) }, "Stop");
    this.node = h("div.steps", { "data-id": item.id, role: "group" }, this.details, this.stop);
    this.update(item);
  }

  update(item) {
    this.item = item;
    const skill = parsedJson(item.args)?.skill;
    const name = skill ? toolWords(skill) : "Skill";
    const named = item.status === "done" && item.result?.startsWith(name);
    setText(this.title, named ? item.result : name);
    this.node.setAttribute("aria-label", this.title.textContent);
    this.stop.setAttribute("aria-label", `Stop: ${this.title.textContent}`);
    this.asked = !named && item.status !== "running" ? item.result : null;
    this.tick();
  }

  continues() {
    return true;
  }

  /** A step is a part of the conversation like any card; this shows it. */
  add(item) {
    const step = new SkillStep(item, () => this.tick());
    this.steps.set(item.id, step);
    this.list.append(step.node);
    // Open while one watches it grow, and left so then: what is read must not move. In an old chat it is closed.
    if (!this.touched && this.run && this.run.endTs == null) this.details.open = true;
    this.touched = true;
    this.tick();
    return step;
  }

  /** @param usage {cost} of the run when it is known: the words for it. */
  updateRun(run, cost = null) {
    Object.assign(this, { run, cost });
    this.tick();
  }

  tick() {
    for (const [id, step] of this.steps) if (step.gone) this.steps.delete(id);
    const items = [this.item, ...[...this.steps.values()].map((step) => step.item)];
    const { state, open, failed } = stateOf(items, this.run);
    this.node.dataset.state = state;
    this.node.toggleAttribute("data-empty", this.steps.size === 0);
    this.stop.hidden = state !== "running" || !this.run || !this.actions.mayAct();
    const ended = Math.max(...items.map((item) => item.endTs ?? 0));
    const took = duration(Math.max(1, (state === "running" ? this.now() : ended || this.item.ts) - this.item.ts));
    const done = items.filter((item) => item !== this.item && item.status === "done").length;
    const words = {
      running: this.actions.isStopping(this.item.run) ? ["Stopping"] : [open && open !== this.item ? stepName(open) : "Working", took],
      stopped: ["Stopped", this.steps.size ? `after ${count(done, "step")}` : null],
      failed: ["Failed"],
      done: [this.asked ?? count(this.steps.size, "step"), failed && `${failed} not read`, this.steps.size ? took : null, this.steps.size ? this.cost : null],
    };
    setText(this.state, words[state].filter(Boolean).join(" · "));
    for (const step of this.steps.values()) step.tick(this.now(), state === "running");
  }
}

class SkillStep {
  constructor(item, changed) {
    this.changed = changed;
    this.mark = h("span.tool-mark", { "aria-hidden": "true" });
    this.name = h("span.step-name");
    this.found = h("span.step-found");
    this.time = h("span.step-time");
    this.node = h("li.step", { "data-id": item.id }, this.mark, this.name, this.found, this.time);
    this.update(item, true);
  }

  update(item, first = false) {
    this.item = item;
    this.node.dataset.status = item.status;
    this.node.title = exactTime(item.ts);
    setText(this.name, stepName(item));
    // Of several lines the first: the others are for who opens the page.
    setText(this.found, item.result != null ? String(item.result).split("\n")[0] : "");
    this.tick(item.ts, false);
    if (!first) this.changed();
  }

  get gone() {
    return this.node.parentNode == null;
  }

  tick(now, running) {
    const { ts, endTs, status } = this.item;
    const words = { failed: "not read", stale: "trying again", partial: "stopped" };
    const took = endTs ? duration(endTs - ts) : running && now - ts >= 1000 ? duration(now - ts) : "";
    setText(this.time, [words[status], took].filter(Boolean).join(" · "));
  }

  continues() {
    return true;
  }
}

const stepName = (item) => STEP_NAMES[item.name] ?? toolWords(item.name);
