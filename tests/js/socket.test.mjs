import assert from "node:assert/strict";
import test from "node:test";
import { Socket } from "../../static/js/session/socket.js";
import { FakeClock, FakeWebSocket, WELCOME } from "./fakes.mjs";

function setup({ online = () => true, random = () => 1 } = {}) {
  FakeWebSocket.made.length = 0;
  const clock = new FakeClock();
  const socket = new Socket({ url: "ws://x/ws/", WebSocket: FakeWebSocket, clock, random, online });
  const states = [];
  socket.onState((state) => states.push(state));
  return { clock, socket, states };
}

function live(options) {
  const all = setup(options);
  all.socket.connect();
  FakeWebSocket.last.says(WELCOME);
  return all;
}

test("is live when the server has welcomed it, not when the line is open", () => {
  const { socket } = setup();
  socket.connect();
  assert.equal(socket.state, "connecting");
  assert.equal(socket.send({ t: "ping" }), false);
  FakeWebSocket.last.says(WELCOME);
  assert.equal(socket.state, "live");
});

test("gives the credit of a mark back after the frames before it were handled", () => {
  const { socket } = live();
  const order = [];
  socket.onFrame((frame) => order.push(frame.t));
  const send = FakeWebSocket.last.send;
  FakeWebSocket.last.send = (text) => (order.push(JSON.parse(text).t), send(text));
  FakeWebSocket.last.says({ t: "records" });
  FakeWebSocket.last.says({ t: "mark", n: 3 });
  assert.deepEqual(order, ["records", "ok"]);
  assert.deepEqual(FakeWebSocket.last.sent, [{ t: "ok", n: 3 }]);
});

test("waits 0.2 s, doubling to 10 s, until a connection has lived for a while", () => {
  const { clock, socket } = live();
  const waits = [];
  for (let i = 0; i < 8; i++) {
    FakeWebSocket.last.dies();
    assert.equal(socket.state, "waiting");
    waits.push(socket.retryAt - clock.now());
    clock.pass(waits.at(-1));
    assert.equal(socket.state, "connecting");
  }
  assert.deepEqual(waits, [200, 400, 800, 1600, 3200, 6400, 10000, 10000]);
  FakeWebSocket.last.says(WELCOME);
  FakeWebSocket.last.dies();
  assert.equal(socket.retryAt - clock.now(), 10000, "a welcome alone is not yet a good line");
  clock.pass(10000);
  FakeWebSocket.last.says(WELCOME);
  clock.pass(6000);
  FakeWebSocket.last.dies();
  assert.equal(socket.retryAt - clock.now(), 200);
});

test("jitter keeps each wait between half and the whole", () => {
  for (const value of [0, 0.5, 0.999]) {
    const { clock, socket } = live({ random: () => value });
    FakeWebSocket.last.dies();
    const wait = socket.retryAt - clock.now();
    assert.ok(wait >= 100 && wait <= 200, `${wait}`);
  }
});

test("notices a half-open line: asks after silence, and leaves when nothing answers", () => {
  const { clock, socket } = live();
  clock.pass(20_000);
  assert.deepEqual(FakeWebSocket.last.sent, [{ t: "ping" }]);
  assert.equal(socket.state, "live");
  const dead = FakeWebSocket.last;
  clock.pass(8_000);
  assert.equal(socket.state, "waiting");
  assert.equal(dead.closed, true);
});

test("asks 20 s after the last frame, not after the last look", () => {
  const { clock } = live();
  clock.pass(1_000);
  FakeWebSocket.last.says({ t: "records" });
  clock.pass(19_999);
  assert.deepEqual(FakeWebSocket.last.sent, []);
  clock.pass(1);
  assert.deepEqual(FakeWebSocket.last.sent, [{ t: "ping" }]);
});

test("a pong, or any other frame, keeps the line", () => {
  const { clock, socket } = live();
  for (const frame of [{ t: "pong" }, { t: "session", session: {} }]) {
    clock.pass(20_000);
    FakeWebSocket.last.says(frame);
    clock.pass(8_000);
    assert.equal(socket.state, "live");
    FakeWebSocket.last.says({ t: "pong" });
  }
});

test("does not ask while frames come in", () => {
  const { clock } = live();
  for (let i = 0; i < 50; i++) {
    clock.pass(5_000);
    FakeWebSocket.last.says({ t: "records" });
  }
  const pings = FakeWebSocket.last.sent.filter((frame) => frame.t === "ping");
  assert.equal(pings.length, 0);
});

test("a server that never says welcome is left", () => {
  const { clock, socket } = setup();
  socket.connect();
  clock.pass(15_000);
  assert.equal(socket.state, "waiting");
});

test("signed out and refused are final; a flood waits long", () => {
  for (const [code, state] of [[4401, "signed_out"], [4403, "refused"]]) {
    const { clock, socket } = live();
    FakeWebSocket.last.dies(code);
    assert.equal(socket.state, state);
    clock.pass(60_000);
    assert.equal(FakeWebSocket.made.length, 1);
  }
  const { clock, socket } = live();
  FakeWebSocket.last.dies(4429);
  assert.equal(socket.retryAt - clock.now(), 6400);
});

test("a nudge ends the waiting, and tests a line that may have died in sleep", () => {
  const { clock, socket } = live();
  FakeWebSocket.last.dies();
  socket.nudge();
  assert.equal(socket.state, "connecting");
  clock.pass(5_000);
  assert.equal(FakeWebSocket.made.length, 2, "the wait that was under way is off");
  FakeWebSocket.last.says(WELCOME);
  socket.nudge();
  assert.deepEqual(FakeWebSocket.last.sent, [{ t: "ping" }]);
  clock.pass(8_000);
  assert.equal(socket.state, "waiting");
});

test("offline: no attempts until the device is back", () => {
  let online = true;
  const { clock, socket } = live({ online: () => online });
  online = false;
  FakeWebSocket.last.dies();
  assert.equal(socket.state, "offline");
  clock.pass(60_000);
  assert.equal(FakeWebSocket.made.length, 1);
  online = true;
  socket.nudge();
  assert.equal(socket.state, "connecting");
});

test("a line that is silent when the device says that it is offline is soon shown as such", () => {
  let online = true;
  const { clock, socket } = live({ online: () => online });
  online = false;
  socket.goneOffline();
  clock.pass(1_900);
  assert.equal(socket.state, "live");
  clock.pass(200);
  assert.equal(socket.state, "offline");
});

test("the words of a line that was left are not heard", () => {
  const { clock, socket } = live();
  const old = FakeWebSocket.last;
  const heard = [];
  socket.onFrame((frame) => heard.push(frame.t));
  old.dies();
  clock.pass(200);
  old.says({ t: "records" });
  old.dies();
  assert.deepEqual(heard, []);
  assert.equal(socket.state, "connecting");
});
