/** Who holds control: a person who took over from the agents, since when, and the way to take and to give back. */
import { h } from "./dom.js";
import { ago, exactTime } from "./words.js";

export class Handover {
  constructor({ note, button, view, run, actions, now = Date.now }) {
    Object.assign(this, { note, button, view, run, actions, now });
    button.addEventListener("click", () => this.#act());
  }

  update() {
    const { session, participants } = this.view();
    const control = session?.control ?? null;
    const { me } = this.actions;
    const owner = participants[me]?.role === "owner";
    const mine = control?.actor === me;
    const mayAct = this.actions.mayAct();
    this.mayRelease = control != null && mayAct && (mine || owner);
    this.command = control && (mine || owner) ? "release" : "take";
    this.button.hidden = !mayAct || (control != null && !this.mayRelease);
    this.button.textContent = this.command === "take" ? "Take control" : mine ? "Give back to the agents" : `Take control from ${this.actions.nameOf(control.actor)}`;
    if (control && !mine && owner) this.command = "take";
    const key = JSON.stringify([control, this.mayRelease, control && this.actions.nameOf(control.actor)]);
    if (key === this.shown) return this.tick();
    this.shown = key;
    this.note.hidden = !control;
    this.time = null;
    if (!control) return;
    const name = this.actions.nameOf(control.actor);
    this.time = h("time", { datetime: new Date(control.ts).toISOString(), title: exactTime(control.ts) });
    this.note.replaceChildren(
      h("p", h("b", mine ? "You hold control" : `${name} holds control`), " ", this.time, mine ? ". What you write starts no answer." : ". What people write starts no answer."),
      this.mayRelease && h("button.quiet", { type: "button", onclick: () => this.#run("release") }, mine ? "Give back to the agents" : `End ${name}’s control`) || "",
    );
    this.tick();
  }

  tick() {
    const { control } = this.view().session ?? {};
    if (!this.time || !control) return;
    const since = ago(control.ts, this.now());
    this.time.textContent = since === "now" ? "since just now" : `since ${since === "yesterday" ? since : `${since} ago`}`;
  }

  #act() {
    this.button.closest("details").open = false;
    this.#run(this.command);
  }

  #run(command) {
    this.run(command).catch((error) => this.actions.fail(error));
  }
}
