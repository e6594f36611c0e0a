import assert from "node:assert/strict";
import test from "node:test";
import { freshId, Outbox } from "../../static/js/session/outbox.js";
import { Socket } from "../../static/js/session/socket.js";
import { FakeClock, FakeStorage, FakeWebSocket, WELCOME } from "./fakes.mjs";

function setup({ storage = new FakeStorage(), actor = "user:7", welcomed = true } = {}) {
  FakeWebSocket.made.length = 0;
  const clock = new FakeClock();
  const socket = new Socket({ url: "ws://x/ws/", WebSocket: FakeWebSocket, clock, random: () => 1, online: () => true });
  let ids = 0;
  const outbox = new Outbox({ socket, actor, storage, clock, random: () => 1, newId: () => `id${++ids}` });
  socket.connect();
  if (welcomed) FakeWebSocket.last.says(WELCOME);
  const sent = () => FakeWebSocket.last.sent.filter((frame) => frame.t === "send");
  const ack = (frame) => FakeWebSocket.last.says({ t: "ack", ref: frame.ref, inputId: frame.id, offset: 9, runId: "r" });
  const refuse = (frame, code, retry) => FakeWebSocket.last.says({ t: "error", ref: frame.ref, code, message: `because ${code}`, retry });
  return { clock, socket, outbox, storage, sent, ack, refuse };
}

test("goes out at once, is kept until it is acknowledged, and shown until the log shows it", () => {
  const { outbox, storage, sent, ack } = setup();
  outbox.add("s1", "Hello");
  assert.equal(storage.length, 1);
  assert.deepEqual([sent()[0].s, sent()[0].id, sent()[0].text], ["s1", "id1", "Hello"]);
  ack(sent()[0]);
  assert.equal(storage.length, 0);
  assert.deepEqual(outbox.of("s1").map((message) => message.status), ["sent"]);
  outbox.seen("s1", (id) => id === "id1");
  assert.deepEqual(outbox.of("s1"), []);
});

test("offline: kept, survives the tab, and sent once with the same id on return", () => {
  const first = setup({ welcomed: false });
  first.outbox.add("s1", "Written on the train");
  assert.equal(first.sent().length, 0);
  const second = setup({ storage: first.storage });
  assert.deepEqual(second.sent().map((frame) => [frame.id, frame.text]), [["id1", "Written on the train"]]);
  second.ack(second.sent()[0]);
  second.clock.pass(16_000);
  assert.equal(second.sent().length, 1);
  assert.equal(second.storage.length, 0);
});

test("cut before the acknowledgement: the same id goes out again", () => {
  const { clock, outbox, sent, ack } = setup();
  outbox.add("s1", "Hello");
  FakeWebSocket.last.dies();
  clock.pass(200);
  FakeWebSocket.last.says(WELCOME);
  assert.deepEqual(sent().map((frame) => frame.id), ["id1"]);
  ack(sent()[0]);
  assert.equal(outbox.of("s1")[0].status, "sent");
});

test("no answer for a while on a live line: the same id again", () => {
  const { clock, outbox, sent } = setup();
  outbox.add("s1", "Hello");
  clock.pass(14_000);
  FakeWebSocket.last.says({ t: "pong" });
  clock.pass(1_000);
  assert.deepEqual(sent().map((frame) => frame.id), ["id1", "id1"]);
});

test("one after the other in a session, side by side over sessions", () => {
  const { outbox, sent, ack } = setup();
  outbox.add("s1", "one");
  outbox.add("s1", "two");
  outbox.add("s2", "three");
  assert.deepEqual(sent().map((frame) => frame.text), ["one", "three"]);
  ack(sent()[0]);
  assert.deepEqual(sent().map((frame) => frame.text), ["one", "three", "two"]);
});

test("the log may show it before the acknowledgement comes", () => {
  const { outbox, storage, sent, ack } = setup();
  outbox.add("s1", "one");
  outbox.add("s1", "two");
  outbox.seen("s1", (id) => id === "id1");
  assert.equal(storage.length, 1);
  assert.deepEqual(sent().map((frame) => frame.text), ["one", "two"]);
  ack(sent()[0]); // late, for what is settled
  assert.deepEqual(outbox.of("s1").map((message) => [message.text, message.status]), [["two", "pending"]]);
});

test("a refusal that may pass is tried again, nothing overtakes, and it ends as failed", () => {
  const { clock, outbox, sent, refuse } = setup();
  outbox.add("s1", "one");
  outbox.add("s1", "two");
  for (let tries = 1; tries <= 6; tries++) {
    refuse(sent().at(-1), "rate_limited", true);
    for (let i = 0; i < 8 && sent().length === tries; i++) {
      clock.pass(4_000);
      FakeWebSocket.last.says({ t: "pong" });
    }
  }
  assert.deepEqual(outbox.of("s1").map((message) => message.status), ["failed", "pending"]);
  assert.deepEqual(sent().map((frame) => frame.text), ["one", "one", "one", "one", "one", "one", "two"]);
});

test("a refusal for good: failed with its code; retried with the same id, or taken back", () => {
  const { outbox, sent, refuse, storage } = setup();
  outbox.add("s1", "x".repeat(10));
  refuse(sent()[0], "text_too_long", false);
  const [message] = outbox.of("s1");
  assert.deepEqual([message.status, message.code, message.note], ["failed", "text_too_long", "because text_too_long"]);
  outbox.retry("id1");
  assert.deepEqual(sent().map((frame) => frame.id), ["id1", "id1"]);
  refuse(sent()[1], "text_too_long", false);
  assert.equal(outbox.withdraw("id1"), "x".repeat(10));
  assert.equal(storage.length, 0);
});

test("a conflict is retried under a new id", () => {
  const { outbox, sent, refuse } = setup();
  outbox.add("s1", "Hello");
  refuse(sent()[0], "input_conflict", false);
  outbox.retry("id1");
  assert.deepEqual(sent().map((frame) => frame.id), ["id1", "id2"]);
});

test("signed out: it waits, and goes when one is back", () => {
  const { clock, outbox, sent, refuse, storage } = setup();
  outbox.add("s1", "Hello");
  refuse(sent()[0], "signed_out", false);
  FakeWebSocket.last.dies(4401);
  clock.pass(60_000);
  assert.equal(outbox.of("s1")[0].status, "pending");
  const later = setup({ storage });
  assert.deepEqual(later.sent().map((frame) => frame.id), ["id1"]);
});

test("what one person wrote is not sent by the next at the same browser", () => {
  const { storage, outbox } = setup({ welcomed: false });
  outbox.add("s1", "mine");
  outbox.keepDraft("s1", "half a sentence");
  const other = setup({ storage, actor: "user:8" });
  assert.equal(other.sent().length, 0);
  assert.equal(other.outbox.draft("s1"), "");
  assert.equal(setup({ storage }).outbox.draft("s1"), "half a sentence");
});

test("another tab's acknowledgement takes the message from this one, and its new message is seen", () => {
  const storage = new FakeStorage();
  const here = setup({ storage, welcomed: false });
  here.outbox.add("s1", "one");
  const there = setup({ storage });
  there.ack(there.sent()[0]);
  here.outbox.reload();
  assert.deepEqual(here.outbox.of("s1"), []);
  there.outbox.newId = () => "other";
  there.outbox.add("s1", "two");
  here.outbox.reload();
  assert.deepEqual(here.outbox.of("s1").map((message) => message.id), ["other"]);
});

test("a storage that is full or forbidden is said, and the message still goes", () => {
  const storage = new FakeStorage();
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const { outbox, sent } = setup({ storage });
  outbox.add("s1", "Hello");
  assert.equal(outbox.kept, false);
  assert.equal(sent().length, 1);
  assert.equal(outbox.keepDraft("s1", "x"), false);
});

test("rubbish in the storage is not in the way", () => {
  const storage = new FakeStorage();
  storage.setItem("clewline.outbox.user:7.a", "{not json");
  storage.setItem("clewline.outbox.user:7.b", "null");
  storage.setItem("clewline.outbox.user:7.c", '{"id": 3}');
  assert.deepEqual([...setup({ storage }).outbox.messages], []);
});

test("ids are short, plain and do not repeat", () => {
  const ids = new Set(Array.from({ length: 5000 }, freshId));
  assert.equal(ids.size, 5000);
  for (const id of ids) assert.match(id, /^[\w-]{22}$/);
});
