import assert from "node:assert/strict";
import test from "node:test";
import { mayDecide } from "../../static/js/chat/ask.js";
import { askedWords } from "../../static/js/chat/asks.js";
import { initials, typingWords } from "../../static/js/chat/presence.js";
import { queuedInputs } from "../../static/js/chat/queue.js";
import { stoppable } from "../../static/js/chat/stop.js";
import { doingWords } from "../../static/js/chat/turn.js";
import { stoppedWords, timeLeft, totalUsage, usageWithin, usageWords } from "../../static/js/chat/words.js";
import { Commands } from "../../static/js/session/commands.js";
import { Outbox } from "../../static/js/session/outbox.js";
import { Socket } from "../../static/js/session/socket.js";
import { FakeClock, FakeStorage, FakeWebSocket, WELCOME } from "./fakes.mjs";

function setup() {
  FakeWebSocket.made.length = 0;
  const clock = new FakeClock();
  const socket = new Socket({ url: "ws://x/ws/", WebSocket: FakeWebSocket, clock, random: () => 1, online: () => true });
  const commands = new Commands({ socket, clock });
  socket.connect();
  const asked = () => FakeWebSocket.last.sent.filter((frame) => frame.t === "stop");
  return { clock, socket, commands, asked };
}

test("a command is answered, or refused with what the server says", async () => {
  const { commands, asked } = setup();
  FakeWebSocket.last.says(WELCOME);
  const first = commands.run("s1", "stop", { run: "r1" });
  const second = commands.run("s1", "stop", { run: "r2" });
  const [one, two] = asked();
  assert.deepEqual([one.s, one.run, two.run], ["s1", "r1", "r2"]);
  FakeWebSocket.last.says({ t: "error", ref: two.ref, code: "unknown_run", message: "There is no such run.", retry: false });
  FakeWebSocket.last.says({ t: "done", ref: one.ref, head: 9, runs: ["r1"] });
  assert.deepEqual((await first).runs, ["r1"]);
  await assert.rejects(second, { code: "unknown_run", message: "There is no such run." });
});

test("without a line nothing is begun; on a line that breaks the command is asked again with the same ref", async () => {
  const { clock, commands, asked } = setup();
  await assert.rejects(commands.run("s1", "stop"), { code: "offline" });
  FakeWebSocket.last.says(WELCOME);
  const done = commands.run("s1", "stop", { run: "r1" });
  const [{ ref }] = asked();
  FakeWebSocket.last.dies();
  clock.pass(200);
  FakeWebSocket.last.says(WELCOME);
  assert.deepEqual(asked().map((frame) => frame.ref), [ref]);
  FakeWebSocket.last.says({ t: "done", ref, head: 3 });
  assert.equal((await done).head, 3);
});

test("silence ends, and says that nobody knows", async () => {
  const { clock, commands } = setup();
  FakeWebSocket.last.says(WELCOME);
  const never = commands.run("s1", "stop");
  clock.pass(30_001);
  await assert.rejects(never, { code: "unanswered" });
});

test("the way chosen for one message goes with it, also after a reload; without a choice the session decides", () => {
  const { socket, clock } = setup();
  const storage = new FakeStorage();
  const make = () => new Outbox({ socket, actor: "user:7", storage, clock, random: () => 1 });
  const outbox = make();
  outbox.add("s1", "In euros", "steer");
  outbox.add("s2", "And then");
  const again = make();
  FakeWebSocket.last.says(WELCOME);
  const sent = FakeWebSocket.last.sent.filter((frame) => frame.t === "send");
  assert.deepEqual(new Set(sent.map((frame) => `${frame.text}: ${frame.mode}`)), new Set(["In euros: steer", "And then: undefined"]));
  assert.equal(again.of("s1")[0].mode, "steer");
});

const ask = (values) => ({ kind: "interrupt", id: "i", ask: "approval", title: "Send it", who: "members", run: "r2", status: "open", ...values });

test("a stop ends what is under way or not begun, and what is asked", () => {
  const runs = { r1: { status: "running" }, r2: { status: "interrupted" }, r3: { status: "finished" }, r4: { status: "queued" } };
  assert.deepEqual(stoppable({ runs, items: [ask()] }), ["r1", "r4", "r2"]);
  assert.deepEqual(stoppable({ runs: { r3: runs.r3 }, items: [ask({ status: "denied", run: "r3" })] }), []);
});

test("who may decide", () => {
  const people = { a: { role: "owner", here: true }, b: { role: "member", here: true }, c: { role: "observer", here: true }, d: { role: "member", here: false } };
  const those = (who) => Object.keys(people).filter((actor) => mayDecide(ask({ who }), actor, people));
  assert.deepEqual([those("members"), those("owner"), those("b"), those("c")], [["a", "b"], ["a"], ["b"], []]);
  assert.equal(askedWords([ask()], [ask()]), "Waits for your decision: Send it");
  assert.equal(askedWords([ask()], []), "Waits for somebody else: Send it");
  assert.equal(askedWords([ask(), ask()], [ask(), ask()]), "2 questions wait for you");
});

test("steering has no place in the queue; what waits for a question or for control says so", () => {
  const inputs = [{ id: "a", text: "1", actor: "u", steer: null }, { id: "b", text: "2", actor: "u", steer: "r1" }, { id: "c", text: "3", actor: "u", steer: null }];
  const notes = (view) => queuedInputs({ inputs, runs: {}, items: [], session: {}, ...view }).map((each) => each.note);
  assert.deepEqual(notes({ runs: { r1: { status: "running", input: "x" } } }), ["Queued: next", "For the answer under way", "Queued: number 2"]);
  assert.equal(notes({ items: [ask()] })[0], "Queued: next after the open question");
  assert.equal(notes({ session: { control: { actor: "user:7", ts: 1 } } })[0], "Queued until control is given back");
});

test("words", () => {
  assert.equal(stoppedWords({ by: "user:1", reason: "stop" }, "You"), "Stopped by you");
  assert.equal(stoppedWords({ by: "user:2", reason: "interrupt" }, "Mia"), "Interrupted by a message from Mia");
  assert.equal(stoppedWords({ by: "user:2", reason: "takeover" }, "Mia"), "Stopped: Mia took control");
  assert.equal(stoppedWords(null, "Someone"), "Stopped");
  assert.deepEqual([timeLeft(0), timeLeft(30_000), timeLeft(600_000), timeLeft(7_200_000), timeLeft(3 * 86_400_000)], ["time is over", "under a minute left", "10 min left", "2 h left", "3 days left"]);
  assert.equal(doingWords({ status: "running", ts: 0 }, { kind: "tool", ts: 0 }, 0, 0, 2), "Waiting for 2 sub-agents");
  assert.deepEqual([typingWords([]), typingWords(["Mia"]), typingWords(["Mia", "Ola"]), typingWords(["a", "b", "c"])], ["", "Mia is typing", "Mia and Ola are typing", "3 people are typing"]);
  assert.deepEqual([initials("Mia"), initials("Ola van Berg")], ["M", "OB"]);
  const usage = [{ model: "claude-sonnet-5-5", inputTokens: 10, outputTokens: 5, cost: "0.25" }];
  const runs = { a: { usage }, b: { usage, parent: "a" }, c: { usage, parent: "b" }, d: { usage: null, parent: "a" }, e: { usage, parent: "x" } };
  const within = usageWithin(runs, "a");
  assert.deepEqual([within.helpers, usageWords(within.rows)], [3, { tokens: 45, cost: "$0.750", model: "Claude Sonnet 5.5" }]);
  assert.deepEqual(usageWithin(runs, "e"), { rows: usage, helpers: 0 });
  assert.deepEqual(totalUsage({ a: { usage }, b: { usage }, c: { usage: null } }), { tokens: 30, cost: "$0.500", model: "Claude Sonnet 5.5" });
});
