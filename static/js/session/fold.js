/**
 * The fold: from the records of a session's log to the view that people see. PROTOCOL.md holds the rules,
 * tests/fold_cases/ the cases that this and the server's fold must pass alike.
 *
 * Incremental: one record costs what it brings, not what is there already. `apply` returns what changed, so that
 * the page touches nothing else.
 *
 * @typedef {{type: "append", id: string, delta: string}
 *   | {type: "item", id: string} | {type: "remove", ids: string[]} | {type: "run", id: string}
 *   | {type: "inputs"} | {type: "session"} | {type: "branch"} | {type: "participants"}} Change
 */

const RUN_OVER = new Set(["finished", "cancelled", "interrupted", "failed"]);
const OUTCOMES = { success: "finished", cancelled: "cancelled", interrupt: "interrupted" };
const OPEN = new Set(["streaming", "running", "stale"]);

export const VERSION = 2; // of the view's shape

export function emptyView() {
  return {
    v: VERSION,
    session: null,
    participants: {},
    items: [],
    runs: {},
    inputs: [],
  };
}

export function isRunOver(run) {
  return RUN_OVER.has(run.status);
}

/** Whether what is said now would have to wait. */
export function isBusy(view) {
  return (
    Object.values(view.runs).some((run) => !RUN_OVER.has(run.status)) ||
    view.items.some((item) => item.kind === "interrupt" && item.status === "open")
  );
}

/** The fields without which an event says nothing, all texts unless OTHERWISE says so: a record that lacks one is ignored. */
const NEEDS = {
  TEXT_MESSAGE_START: ["messageId"],
  TEXT_MESSAGE_CONTENT: ["messageId", "delta"],
  TEXT_MESSAGE_END: ["messageId"],
  TOOL_CALL_START: ["toolCallId", "toolCallName"],
  TOOL_CALL_ARGS: ["toolCallId", "delta"],
  TOOL_CALL_RESULT: ["toolCallId", "content"],
  RUN_STARTED: ["runId"],
  RUN_FINISHED: ["runId"],
  STEP_STARTED: ["stepName"],
  "session.created": ["sessionId"],
  "session.renamed": ["title"],
  "session.archived": ["archived"],
  "session.policy": ["whileBusy"],
  "branch.selected": ["runId"],
  "participant.joined": ["actor"],
  "participant.left": ["actor"],
  "input.accepted": ["inputId", "text"],
  "input.edited": ["inputId", "text"],
  "input.withdrawn": ["inputId"],
  "input.moved": ["inputId"],
  "steer.missed": ["inputId"],
  "run.queued": ["runId"],
  "run.retrying": ["runId"],
  "run.waiting": ["runId"],
  "run.stopped": ["runId"],
  "run.counted": ["runId", "usage"],
  "interrupt.opened": ["id", "kind", "title"],
  "interrupt.readdressed": ["id", "who"],
  "interrupt.closed": ["id", "status"],
  "effect.settled": ["callId", "status"],
  "effect.undone": ["callId"],
  "artifact.published": ["artifact", "version", "title", "url"],
  "items.superseded": ["ids"],
};
const OTHERWISE = {
  archived: (value) => typeof value === "boolean",
  version: Number.isInteger,
  ids: Array.isArray,
  usage: Array.isArray,
};

const isWhole = (name, event) =>
  (NEEDS[name] ?? []).every((field) => (OTHERWISE[field] ?? ((value) => typeof value === "string"))(event[field]));

export class Fold {
  /** @param view A snapshot's view, which this fold takes over and changes in place. */
  constructor(view = emptyView()) {
    this.view = view;
    this.items = new Map(view.items.map((item) => [item.id, item]));
    /** Ids of the items that a takeover or a terminal event would change, by run. */
    this.open = new Map();
    for (const item of view.items) if (OPEN.has(item.status)) this.#opened(item);
  }

  /** @returns {Change[]} */
  apply(record, offset) {
    const custom = record.event.type === "CUSTOM";
    const name = custom ? record.event.name : record.event.type;
    const event = custom ? (record.event.value ?? {}) : record.event;
    if (!Object.hasOwn(RULES, name) || CUSTOM.test(name) !== custom || !isWhole(name, event)) return [];
    const changes = [];
    if (RESUMES.has(name) && record.run != null && event.role !== "user") this.#resume(record.run, changes);
    RULES[name].call(this, event, record, offset, changes);
    return changes;
  }

  /** The item, if it is of this kind and whoever opened it wrote the record: nobody else adds to it. */
  own(id, kind, record) {
    const item = this.items.get(id);
    const same = item?.kind === kind && item.run === (record.run ?? null) && item.actor === record.actor;
    return same ? item : undefined;
  }

  #opened(item) {
    if (item.run == null) return;
    if (!this.open.has(item.run)) this.open.set(item.run, new Set());
    this.open.get(item.run).add(item.id);
  }

  #closed(item) {
    this.open.get(item.run)?.delete(item.id);
  }

  addItem(item, changes) {
    if (this.items.has(item.id)) return;
    this.items.set(item.id, item);
    this.view.items.push(item);
    if (OPEN.has(item.status)) this.#opened(item);
    changes.push({ type: "item", id: item.id });
  }

  setStatus(item, status, changes) {
    item.status = status;
    if (!OPEN.has(status)) this.#closed(item);
    changes.push({ type: "item", id: item.id });
  }

  setOpenItems(runId, from, status, changes) {
    for (const id of [...(this.open.get(runId) ?? [])]) {
      const item = this.items.get(id);
      if (from.has(item.status)) this.setStatus(item, status, changes);
    }
  }

  removeItems(ids, changes) {
    const gone = new Set(ids.filter((id) => this.items.has(id)));
    if (!gone.size) return;
    for (const id of gone) {
      this.#closed(this.items.get(id));
      this.items.delete(id);
    }
    // In place: others hold this array.
    const items = this.view.items;
    let kept = 0;
    for (const item of items) if (!gone.has(item.id)) items[kept++] = item;
    items.length = kept;
    changes.push({ type: "remove", ids: [...gone] });
  }

  removeInput(id, changes) {
    const at = this.view.inputs.findIndex((input) => input.id === id);
    if (at < 0) return;
    this.view.inputs.splice(at, 1);
    changes.push({ type: "inputs" });
  }

  input(id) {
    return this.view.inputs.find((input) => input.id === id);
  }

  /** The run that may still change, or null. */
  liveRun(id) {
    if (id == null || !Object.hasOwn(this.view.runs, id)) return null;
    const run = this.view.runs[id];
    return RUN_OVER.has(run.status) ? null : run;
  }

  #resume(runId, changes) {
    const run = this.liveRun(runId);
    if (run && (run.status === "retrying" || run.status === "waiting")) {
      run.status = "running";
      run.waiting = null;
      changes.push({ type: "run", id: runId });
    }
  }

  endRun(event, record, status, values, changes) {
    const id = event.runId ?? record.run;
    const run = this.liveRun(id);
    if (!run) return;
    Object.assign(run, { status, endTs: record.ts, step: null, waiting: null }, values);
    this.setOpenItems(id, OPEN, "partial", changes);
    this.open.delete(id);
    changes.push({ type: "run", id });
  }
}

const CUSTOM = /\./;

const RESUMES = new Set([
  "TEXT_MESSAGE_START",
  "TEXT_MESSAGE_CONTENT",
  "TEXT_MESSAGE_END",
  "TOOL_CALL_START",
  "TOOL_CALL_ARGS",
  "TOOL_CALL_END",
  "TOOL_CALL_RESULT",
  "STEP_STARTED",
]);

const newRun = (values) => ({
  status: "queued",
  agent: null,
  attempt: 0,
  input: null,
  ts: null,
  endTs: null,
  step: null,
  error: null,
  usage: null,
  result: null,
  waiting: null,
  stopped: null,
  after: null,
  parent: null,
  resumes: null,
  title: null,
  ...values,
});

/** One rule for each event; `this` is the Fold. */
const RULES = {
  TEXT_MESSAGE_START(event, record, at, changes) {
    const { messageId: id } = event;
    const role = event.role || "assistant";
    if (role === "user") this.removeInput(id, changes);
    const run = record.run ?? null;
    const item = { kind: "message", id, role, actor: record.actor, run, at, ts: record.ts, text: "", status: "streaming" };
    this.addItem(item, changes);
  },

  TEXT_MESSAGE_CONTENT(event, record, _at, changes) {
    const item = this.own(event.messageId, "message", record);
    if (!item) return;
    item.text += event.delta;
    changes.push({ type: "append", id: item.id, delta: event.delta });
  },

  TEXT_MESSAGE_END(event, record, _at, changes) {
    const item = this.own(event.messageId, "message", record);
    if (item?.status === "streaming") this.setStatus(item, "done", changes);
  },

  TOOL_CALL_START(event, record, at, changes) {
    const item = {
      kind: "tool",
      id: event.toolCallId,
      name: event.toolCallName,
      actor: record.actor,
      run: record.run ?? null,
      at,
      ts: record.ts,
      endTs: null,
      args: null,
      result: null,
      error: false,
      effect: null,
      status: "running",
    };
    this.addItem(item, changes);
  },

  TOOL_CALL_ARGS(event, record, _at, changes) {
    const item = this.own(event.toolCallId, "tool", record);
    if (!item) return;
    item.args = (item.args ?? "") + event.delta;
    changes.push({ type: "item", id: item.id });
  },

  TOOL_CALL_END() {}, // the arguments are whole; the result is still to come

  TOOL_CALL_RESULT(event, record, _at, changes) {
    const item = this.own(event.toolCallId, "tool", record);
    if (item?.status !== "running") return;
    item.result = event.content;
    item.error = event.metadata?.error === true;
    item.effect = event.metadata?.effect || item.effect;
    item.endTs = record.ts;
    this.setStatus(item, item.error ? "failed" : "done", changes);
  },

  "run.queued"(value, record, _at, changes) {
    const id = value.runId;
    if (id == null || Object.hasOwn(this.view.runs, id)) return;
    const { agent = null, inputId: input = null, parent = null, resumes = null, title = null } = value;
    const { session } = this.view;
    // Logs from before there were branches do not say what a run follows.
    const after = value.after === undefined && !parent ? (session?.branch ?? null) : (value.after ?? null);
    this.view.runs[id] = newRun({ agent, input, after, parent, resumes, title, ts: record.ts });
    if (session && !parent) {
      const beside = session.branch !== after;
      session.branch = id;
      changes.push({ type: "session" });
      if (beside) changes.push({ type: "branch" });
    }
    changes.push({ type: "run", id });
  },

  RUN_STARTED(event, record, _at, changes) {
    const id = event.runId;
    if (id == null) return;
    if (!Object.hasOwn(this.view.runs, id)) {
      const agent = record.actor?.startsWith("agent:") ? record.actor.slice("agent:".length) : null;
      this.view.runs[id] = newRun({ agent, ts: record.ts });
    }
    const run = this.liveRun(id);
    if (!run) return;
    run.status = "running";
    run.attempt = 1;
    run.waiting = null;
    changes.push({ type: "run", id });
  },

  RUN_FINISHED(event, record, _at, changes) {
    const status = OUTCOMES[event.outcome?.type ?? "success"] ?? "finished";
    this.endRun(event, record, status, { usage: event.usage ?? null, result: event.result ?? null }, changes);
  },

  RUN_ERROR(event, record, _at, changes) {
    const error = { code: event.code ?? null, message: event.message ?? null };
    this.endRun(event, record, "failed", { error, usage: event.usage ?? null }, changes);
  },

  STEP_STARTED(event, record, _at, changes) {
    const run = this.liveRun(record.run);
    if (!run) return;
    run.step = event.stepName;
    changes.push({ type: "run", id: record.run });
  },

  STEP_FINISHED(_event, record, _at, changes) {
    const run = this.liveRun(record.run);
    if (!run) return;
    run.step = null;
    changes.push({ type: "run", id: record.run });
  },

  "run.retrying"(value, record, _at, changes) {
    const id = value.runId;
    const run = this.liveRun(id);
    if (!run) return;
    Object.assign(run, { status: "retrying", attempt: value.attempt ?? run.attempt, step: null, waiting: null });
    this.setOpenItems(id, OPEN, "stale", changes);
    changes.push({ type: "run", id });
  },

  "run.waiting"(value, record, _at, changes) {
    const id = value.runId;
    const run = this.liveRun(id);
    if (!run) return;
    const { reason = null, message = null, until = null } = value;
    Object.assign(run, { status: "waiting", waiting: { reason, message, until } });
    changes.push({ type: "run", id });
  },

  "interrupt.opened"(value, record, at, changes) {
    const item = {
      kind: "interrupt",
      id: value.id,
      ask: value.kind,
      call: value.callId ?? null,
      tool: value.tool ?? null,
      title: value.title,
      args: value.args ?? null,
      hash: value.hash ?? null,
      changes: value.changes ?? [],
      who: value.who ?? null,
      expires: value.expires ?? null,
      actor: record.actor,
      run: record.run ?? null,
      at,
      ts: record.ts,
      endTs: null,
      by: null,
      answer: null,
      status: "open",
    };
    this.addItem(item, changes);
  },

  "interrupt.readdressed"(value, _record, _at, changes) {
    const item = this.items.get(value.id);
    if (item?.kind !== "interrupt" || item.status !== "open") return;
    item.who = value.who;
    changes.push({ type: "item", id: item.id });
  },

  "interrupt.closed"(value, record, _at, changes) {
    const item = this.items.get(value.id);
    // What was approved may be stopped before it is done.
    const may = value.status === "stopped" ? ["open", "approved"] : ["open"];
    if (item?.kind !== "interrupt" || !may.includes(item.status)) return;
    Object.assign(item, { by: record.actor, answer: value.answer ?? null, endTs: record.ts });
    this.setStatus(item, value.status, changes);
  },

  "effect.settled"(value, _record, _at, changes) {
    const item = this.items.get(value.callId);
    if (item?.kind !== "tool") return;
    item.effect = value.status;
    changes.push({ type: "item", id: item.id });
  },

  "effect.undone"(value, _record, _at, changes) {
    const item = this.items.get(value.callId);
    if (item?.kind !== "tool") return;
    item.effect = "undone";
    changes.push({ type: "item", id: item.id });
  },

  "artifact.published"(value, record, at, changes) {
    const item = {
      kind: "artifact",
      id: `${value.artifact}.${value.version}`,
      artifact: value.artifact,
      version: value.version,
      title: value.title,
      artifact_kind: value.kind ?? null,
      url: value.url,
      unsupported: value.unsupported ?? 0,
      actor: record.actor,
      run: record.run ?? null,
      at,
      ts: record.ts,
      status: "done",
    };
    this.addItem(item, changes);
  },

  "items.superseded"(value, _record, _at, changes) {
    this.removeItems(value.ids, changes);
  },

  "session.created"(value, record, _at, changes) {
    this.view.session = {
      id: value.sessionId,
      title: value.title ?? null,
      agent: value.agent ?? null,
      subject: value.subject ?? null,
      archived: false,
      whileBusy: "queue",
      control: null,
      branch: null,
      createdTs: record.ts,
    };
    changes.push({ type: "session" });
  },

  "session.renamed"(value, _record, _at, changes) {
    if (!this.view.session) return;
    this.view.session.title = value.title;
    changes.push({ type: "session" });
  },

  "session.archived"(value, _record, _at, changes) {
    if (!this.view.session) return;
    this.view.session.archived = value.archived;
    changes.push({ type: "session" });
  },

  "session.policy"(value, _record, _at, changes) {
    if (!this.view.session) return;
    this.view.session.whileBusy = value.whileBusy;
    changes.push({ type: "session" });
  },

  "branch.selected"(value, _record, _at, changes) {
    if (!this.view.session || !Object.hasOwn(this.view.runs, value.runId)) return;
    this.view.session.branch = value.runId;
    changes.push({ type: "session" }, { type: "branch" });
  },

  "control.taken"(_value, record, _at, changes) {
    if (!this.view.session) return;
    this.view.session.control = { actor: record.actor, ts: record.ts };
    changes.push({ type: "session" });
  },

  "control.released"(_value, _record, _at, changes) {
    if (!this.view.session) return;
    this.view.session.control = null;
    changes.push({ type: "session" });
  },

  "participant.joined"(value, _record, _at, changes) {
    this.view.participants[value.actor] = { name: value.name ?? null, role: value.role ?? null, here: true };
    changes.push({ type: "participants" });
  },

  "participant.left"(value, _record, _at, changes) {
    if (!Object.hasOwn(this.view.participants, value.actor)) return;
    this.view.participants[value.actor].here = false;
    changes.push({ type: "participants" });
  },

  "input.accepted"(value, record, _at, changes) {
    if (this.items.has(value.inputId) || this.view.inputs.some((input) => input.id === value.inputId)) return;
    const { inputId: id, text, steer = null } = value;
    this.view.inputs.push({ id, actor: record.actor, text, ts: record.ts, steer });
    changes.push({ type: "inputs" });
  },

  "input.edited"(value, _record, _at, changes) {
    const input = this.input(value.inputId);
    if (!input) return;
    input.text = value.text;
    changes.push({ type: "inputs" });
  },

  "input.withdrawn"(value, _record, _at, changes) {
    this.removeInput(value.inputId, changes);
  },

  "input.moved"(value, _record, _at, changes) {
    const { inputs } = this.view;
    const moved = this.input(value.inputId);
    if (!moved || value.inputId === value.before) return;
    inputs.splice(inputs.indexOf(moved), 1);
    const at = inputs.findIndex((input) => input.id === value.before);
    inputs.splice(at < 0 ? inputs.length : at, 0, moved);
    changes.push({ type: "inputs" });
  },

  "steer.missed"(value, _record, _at, changes) {
    const input = this.input(value.inputId);
    if (!input) return;
    input.steer = null;
    changes.push({ type: "inputs" });
  },

  "run.counted"(value, _record, _at, changes) {
    if (!Object.hasOwn(this.view.runs, value.runId)) return;
    const run = this.view.runs[value.runId];
    run.usage = value.usage;
    changes.push({ type: "run", id: value.runId });
  },

  "run.stopped"(value, record, _at, changes) {
    const id = value.runId;
    const run = this.liveRun(id);
    if (!run) return;
    run.stopped = { by: record.actor, reason: value.reason ?? null };
    changes.push({ type: "run", id });
  },
};
