import assert from "node:assert/strict";
import { test } from "node:test";
import { InboxCount } from "../../static/js/chat/inbox.js";
import { FakeClock } from "./fakes.mjs";

function page(count) {
  const badge = () => {
    const number = { textContent: String(count) };
    return { hidden: count === 0, number, querySelector: () => number };
  };
  const roots = [badge(), badge()];
  const clock = new FakeClock();
  let hear;
  const asked = [];
  const ask = () => new Promise((answer, refuse) => asked.push({ answer, refuse }));
  new InboxCount({ socket: { onFrame: (listener) => (hear = listener) }, roots, clock, ask });
  const shows = () => {
    assert.deepEqual(roots[0], { ...roots[1], querySelector: roots[0].querySelector });
    return roots[0].hidden ? null : roots[0].number.textContent;
  };
  return { clock, asked, says: (frame) => hear(frame), shows };
}

test("less is shown at once, more when it stays", () => {
  const { clock, says, shows } = page(2);
  says({ t: "inbox", unread: 1 });
  assert.equal(shows(), "1");
  says({ t: "inbox", unread: 3 });
  clock.pass(1000);
  assert.equal(shows(), "1");
  clock.pass(2000);
  assert.equal(shows(), "3");
  says({ t: "inbox", unread: 0 });
  assert.equal(shows(), null);
});

test("what is read within a moment never lights up", () => {
  const { clock, says, shows } = page(0);
  says({ t: "inbox", unread: 1 });
  clock.pass(1000);
  says({ t: "inbox", unread: 0 });
  clock.pass(10_000);
  assert.equal(shows(), null);
  says({ t: "session" });
  assert.equal(shows(), null);
});

test("after a pause the count is asked for, and a refusal leaves it", async () => {
  const { asked, says, shows } = page(2);
  says({ t: "welcome" });
  assert.equal(asked.length, 0);
  says({ t: "welcome" });
  asked[0].answer({ unread: 1 });
  await new Promise(setImmediate);
  assert.equal(shows(), "1");
  says({ t: "welcome" });
  asked[1].refuse(new Error("503"));
  await new Promise(setImmediate);
  assert.equal(shows(), "1");
});
