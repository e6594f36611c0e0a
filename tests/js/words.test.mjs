import assert from "node:assert/strict";
import test from "node:test";
import { connectionWords } from "../../static/js/chat/connection.js";
import { queuedInputs } from "../../static/js/chat/queue.js";
import { doingWords } from "../../static/js/chat/turn.js";
import { ago, argsLine, duration, modelWords, money, sentences, toolWords, usageWords } from "../../static/js/chat/words.js";
import { isUnread, SessionList } from "../../static/js/session/store.js";

test("durations", () => {
  assert.deepEqual([0, 3, 444, 949, 1234, 9940, 12_400, 61_000, 3_720_000].map(duration), ["1 ms", "3 ms", "440 ms", "950 ms", "1.2 s", "9.9 s", "12 s", "1 min 1 s", "1 h 2 min"]);
});

test("how long ago", () => {
  const now = Date.UTC(2026, 10, 24, 12);
  const past = [10, 300, 7200, 86_400, 3 * 86_400].map((seconds) => ago(now - seconds * 1000, now, "en"));
  assert.deepEqual(past, ["now", "5 min", "2 h", "yesterday", "3 days"]);
  assert.equal(ago(Date.UTC(2026, 9, 2, 12), now, "en"), "Oct 2");
  assert.equal(ago(Date.UTC(2025, 9, 2, 12), now, "en"), "Oct 2, 2025");
});

test("tools in plain words, arguments in one line", () => {
  assert.deepEqual(["find_accounts", "crm__openDeals", "x"].map(toolWords), ["Find accounts", "Open deals", "X"]);
  assert.equal(argsLine('{"query": "Acme", "limit": 5, "filters": {"a": 1}, "owner": ""}'), "Acme");
  assert.equal(argsLine('{"record": "deal", "ref": 346, "field": "next_step", "value": "Send the quote"}'), "Next step: Send the quote");
  assert.equal(argsLine('{"health": "at_risk", "owner": "me", "close_from": "2026-11-01", "open_only": true, "order_by": "amount"}'), "at risk, yours, closing from 1 Nov 2026");
  assert.equal(argsLine('{"ref": "Acme 12", "min_amount": 50000}'), `Acme 12, from ${(50000).toLocaleString()}`);
  assert.equal(argsLine('{"accounts": ["Acme", "Globex"], "question": "What is new?"}'), "Acme, Globex, What is new?");
  assert.equal(argsLine('{"query": "Ac'), "");
  assert.equal(argsLine(null), "");
});

test("usage: one row or several, both spellings; unknown stays unknown", () => {
  const list = [
    { model: "claude-sonnet-5-5", inputTokens: 1000, outputTokens: 200, cachedInputTokens: 300, cacheWriteInputTokens: 0, cost: "0.0123" },
    { model: "claude-haiku-5-5", inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, cost: "0.0001" },
  ];
  assert.deepEqual(usageWords(list), { tokens: 1515, cost: "$0.012", model: "Claude Sonnet 5.5, Claude Haiku 5.5" });
  assert.deepEqual(usageWords({ model: "stand-in", input_tokens: 3, output_tokens: 4 }), { tokens: 7, cost: null, model: "stand-in model" });
  assert.deepEqual(usageWords(null), { tokens: null, cost: null, model: null });
  assert.deepEqual([0, 0.00001, 0.0042, 0.5, 12.345].map(money), ["$0", "under $0.0001", "$0.0042", "$0.500", "$12.35"]);
  assert.equal(modelWords("some-other-1"), "some-other-1");
});

test("sentences for being read out", () => {
  const text = "## Deals\n\nYou have **three**. See [Acme](/accounts/1/)!\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sql\nselect 1. From x\n```\n";
  assert.deepEqual(sentences(text), ["Deals", "You have three.", "See Acme!", "a b 1 2", "(code)"]);
});

test("what a run is doing", () => {
  const run = { status: "running", ts: 0, attempt: 1, waiting: null };
  assert.equal(doingWords(run, undefined, 1000), "Thinking");
  assert.equal(doingWords(run, { kind: "message" }, 5000), "Writing · 5 s");
  assert.equal(doingWords(run, { kind: "tool", name: "x", ts: 1000 }, 5000), "Waiting for the result · 4 s");
  assert.equal(doingWords({ ...run, status: "waiting", waiting: { message: "The model is busy.", until: 9000 } }, undefined, 5000), "The model is busy. Continues in 4 s.");
  assert.match(doingWords({ ...run, status: "retrying", attempt: 2 }, undefined, 0), /Trying again.*attempt 2/);
});

test("the queue: in order, the next one named, and what will never be answered", () => {
  const input = (id) => ({ id, actor: "user:7", text: id, ts: 1 });
  const run = (status, of) => ({ status, input: of });
  const view = {
    inputs: [input("a"), input("b"), input("c")],
    runs: { r0: run("running", "z"), ra: run("cancelled", "a"), rb: run("queued", "b"), rc: run("queued", "c") },
  };
  assert.deepEqual(queuedInputs(view).map((each) => [each.id, each.state, each.note]), [["a", "never", null], ["b", "queued", "Queued: next"], ["c", "queued", "Queued: number 2"]]);
  delete view.runs.r0;
  assert.equal(queuedInputs(view)[1].note, "About to begin");
});

test("the connection in words", () => {
  const words = (socketState, extra = {}) => connectionWords({ socketState, now: 0, retryAt: 3200, ...extra });
  assert.deepEqual(words("waiting"), { state: "off", text: "Reconnecting in 4 s", action: "now" });
  assert.equal(words("live", { channel: { state: "catching_up", behind: 1200 } }).text, "Catching up: 1,200");
  assert.equal(words("live", { channel: { state: "live" } }).state, "live");
  assert.equal(words("signed_out").action, "sign_in");
  assert.equal(words("live", { channel: { state: "closed" } }).state, "out");
});

test("the list of sessions: later news win, offsets never go back, reading here shows at once", () => {
  let say;
  const list = new SessionList({ socket: { onFrame: (listener) => (say = listener) }, entries: [{ id: "s1", lastOffset: 5, readOffset: 5, live: false }] });
  const heard = [];
  list.onChange((entry) => heard.push([entry.lastOffset, entry.readOffset, isUnread(entry)]));
  say({ t: "session", session: { id: "s1", lastOffset: 9, readOffset: 5 } });
  list.read("s1", 9);
  list.read("s1", 7);
  say({ t: "session", session: { id: "s1", lastOffset: 8, readOffset: 5 } });
  assert.deepEqual(heard, [[9, 5, true], [9, 9, false], [9, 9, false]]);
});
