import assert from "node:assert/strict";
import test from "node:test";
import { Channel } from "../../static/js/session/channel.js";
import { Fold } from "../../static/js/session/fold.js";
import { Socket } from "../../static/js/session/socket.js";
import { FakeClock, FakeWebSocket, WELCOME } from "./fakes.mjs";

const record = (event) => ({ id: "e", ts: 1, actor: "agent:a", run: "r", v: 1, event });
const LOG = [
  record({ type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" }),
  ..."abcdefgh".split("").map((delta) => record({ type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta })),
];
const frame = (from, to) => ({ t: "records", s: "s1", from, to, records: LOG.slice(from, to) });
const viewAt = (at) => {
  const fold = new Fold();
  LOG.slice(0, at).forEach((each, offset) => fold.apply(each, offset));
  return fold.view;
};

function setup({ at = null } = {}) {
  FakeWebSocket.made.length = 0;
  const clock = new FakeClock();
  const socket = new Socket({ url: "ws://x/ws/", WebSocket: FakeWebSocket, clock, random: () => 1, online: () => true });
  const changes = [];
  const channel = new Channel({ socket, id: "s1", view: at === null ? null : viewAt(at), at, onChange: (each) => changes.push(...each) });
  socket.connect();
  FakeWebSocket.last.says(WELCOME);
  const server = {
    asked: () => FakeWebSocket.last.sent.filter((each) => each.t === "subscribe"),
    says: (each) => FakeWebSocket.last.says({ s: "s1", ...each }),
    accepts: (head) => server.says({ t: "subscribed", head, ref: server.asked().at(-1).ref }),
  };
  return { clock, socket, channel, server, changes, text: () => channel.fold.items.get("m")?.text };
}

test("a fresh client asks for a view, one with the page's view for what follows", () => {
  assert.equal(setup().server.asked()[0].from, null);
  assert.equal(setup({ at: 3 }).server.asked()[0].from, 3);
});

test("follows: snapshot, records, live", () => {
  const { channel, server, text } = setup();
  server.accepts(5);
  assert.deepEqual([channel.state, channel.behind], ["catching_up", 5]);
  server.says({ t: "snapshot", at: 3, view: viewAt(3) });
  assert.equal(channel.behind, 2);
  server.says(frame(3, 5));
  server.says({ t: "live", head: 5 });
  assert.equal(channel.state, "live");
  server.says(frame(5, 9));
  assert.equal(text(), "abcdefgh");
  assert.equal(server.asked().length, 1);
});

test("what is known already is not applied again, whole or in part", () => {
  const { server, channel, text } = setup({ at: 4 });
  server.accepts(6);
  server.says(frame(0, 3));
  server.says(frame(2, 6));
  server.says(frame(2, 6));
  assert.equal(text(), "abcde");
  assert.equal(channel.next, 6);
});

test("a gap asks again from the next offset, and what comes until the answer is not taken", () => {
  const { server, channel, text } = setup({ at: 2 });
  server.accepts(2);
  server.says({ t: "live", head: 2 });
  server.says(frame(4, 6));
  assert.deepEqual(server.asked().map((each) => each.from), [2, 2]);
  server.says(frame(6, 9));
  assert.equal(server.asked().length, 2, "asked once for one gap");
  assert.equal(text(), "a");
  server.accepts(9);
  server.says(frame(2, 9));
  server.says({ t: "live", head: 9 });
  assert.equal(text(), "abcdefgh");
  assert.equal(channel.state, "live");
});

test("a live that promises more than came asks again", () => {
  const { server } = setup({ at: 2 });
  server.accepts(5);
  server.says({ t: "live", head: 5 });
  assert.equal(server.asked().length, 2);
});

test("after a reconnect it goes on from the next offset", () => {
  const { clock, server, channel, text } = setup({ at: 2 });
  server.accepts(2);
  server.says({ t: "live", head: 2 });
  server.says(frame(2, 5));
  FakeWebSocket.last.dies();
  assert.equal(channel.state, "idle");
  clock.pass(200);
  FakeWebSocket.last.says(WELCOME);
  assert.equal(server.asked()[0].from, 5);
  server.accepts(9);
  server.says(frame(4, 9));
  assert.equal(text(), "abcdefgh");
});

test("the answer to an earlier subscription is not taken for the one to the last", () => {
  const { server, channel } = setup({ at: 2 });
  const first = server.asked()[0].ref;
  channel.subscribe();
  server.says({ t: "subscribed", head: 2, ref: first });
  assert.equal(channel.state, "asking");
});

test("a reset replaces the view, also by a shorter one", () => {
  const { server, channel, text } = setup({ at: 7 });
  server.accepts(4);
  server.says({ t: "reset", at: 4, view: viewAt(4) });
  assert.equal(text(), "abc");
  assert.equal(channel.next, 4);
});

test("closed and refused subscriptions say why, and are not asked for again", () => {
  for (const [answer, code] of [
    [(server) => server.says({ t: "closed", code: "unknown_session" }), "unknown_session"],
    [(server) => server.says({ t: "error", ref: server.asked()[0].ref, code: "unknown_session", message: "" }), "unknown_session"],
  ]) {
    const { clock, server, channel } = setup({ at: 2 });
    answer(server);
    assert.deepEqual([channel.state, channel.code], ["closed", code]);
    FakeWebSocket.last.dies();
    clock.pass(200);
    FakeWebSocket.last.says(WELCOME);
    assert.equal(server.asked().length, 0);
  }
});

test("a refusal that may pass is asked again after a while, and only once", () => {
  const { clock, server, channel } = setup({ at: 2 });
  FakeWebSocket.last.says({ t: "error", ref: server.asked()[0].ref, code: "unavailable", message: "", retry: true });
  assert.equal(channel.state, "asking");
  clock.pass(2000);
  assert.equal(server.asked().length, 2);
  server.accepts(2);
  clock.pass(10_000);
  assert.equal(server.asked().length, 2);
});

test("frames of other sessions are not ours", () => {
  const { server, text } = setup({ at: 2 });
  server.accepts(2);
  FakeWebSocket.last.says({ ...frame(2, 9), s: "s2" });
  assert.equal(text(), "a");
});

test("any cut, any overlap: the view is the fold of the log, each record once", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 300; round++) {
    const { clock, server, channel, text } = setup({ at: random(LOG.length + 1) || null });
    let guard = 0;
    while (!(channel.state === "live" && channel.next === LOG.length)) {
      assert.ok(guard++ < 400, "comes to an end");
      if (channel.state === "idle") {
        clock.pass(10_000);
        if (FakeWebSocket.last.onmessage && channel.state === "idle") FakeWebSocket.last.says(WELCOME);
      } else if (channel.state === "asking") server.accepts(LOG.length);
      else {
        const next = channel.next ?? 0;
        const dice = random(10);
        if (channel.next === null) server.says({ t: "snapshot", at: 4, view: viewAt(4) });
        else if (dice === 0) FakeWebSocket.last.dies();
        else if (dice === 1 && next + 1 < LOG.length) server.says(frame(next + 1, LOG.length)); // lost before it
        else if (dice === 2) server.says(frame(Math.max(0, next - 2), Math.max(0, next - 1)));
        else if (next === LOG.length) server.says({ t: "live", head: next });
        else {
          const from = Math.max(0, next - random(3));
          server.says(frame(from, Math.min(LOG.length, next + 1 + random(3))));
        }
      }
    }
    assert.equal(text(), "abcdefgh");
  }
});
