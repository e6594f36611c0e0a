/** What becomes of a message while an agent works: the session's way, and another one for this message alone. */

export const MODES = {
  queue: { short: "Queue", long: "wait in the queue" },
  steer: { short: "Steer", long: "steer the answer under way" },
  interrupt: { short: "Interrupt and send", long: "interrupt it and start anew" },
  reject: { short: "Only when free", long: "are refused" },
};

/** Beside Send, while it matters. `value` is null when the session's way is to be taken. */
export class ModeChoice {
  constructor(select) {
    this.select = select;
    this.chosen = false;
    select.addEventListener("change", () => (this.chosen = true));
  }

  get value() {
    return this.chosen && !this.select.hidden ? this.select.value : null;
  }

  /** @param steerable Whether a run is at work: what only waits for an answer cannot be steered. */
  update({ busy, steerable, policy }) {
    this.select.hidden = !busy;
    if (!busy) this.chosen = false;
    const offered = ["queue", steerable && "steer", "interrupt", policy === "reject" && "reject"].filter(Boolean);
    if (!offered.includes(this.select.value)) this.chosen = false;
    const shown = [...this.select.options].map((option) => option.value);
    if (shown.join() !== offered.join()) {
      const { value } = this.select;
      this.select.replaceChildren(...offered.map((mode) => new Option(MODES[mode].short, mode)));
      this.select.value = value;
    }
    if (!this.chosen) this.select.value = offered.includes(policy) ? policy : "queue";
  }

  /** The choice was for one message. */
  used() {
    this.chosen = false;
  }
}

/** In the menu: the session's way, for everybody. */
export class PolicyChoice {
  constructor({ select, run, fail }) {
    this.select = select;
    select.replaceChildren(...Object.entries(MODES).map(([mode, { long }]) => new Option(long, mode)));
    select.addEventListener("change", () => run("policy", { whileBusy: select.value }).catch((error) => (this.update(this.state), fail(error))));
  }

  update(state) {
    this.state = state;
    this.select.value = state.policy;
    this.select.disabled = !state.mayAct;
  }
}
