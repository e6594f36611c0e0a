import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { emptyView, Fold } from "../../static/js/session/fold.js";

const folder = new URL("../fold_cases/", import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

const plain = (value) => JSON.parse(JSON.stringify(value));

test("there are cases", () => assert.ok(cases.length >= 25));

for (const { name, records, view } of cases) {
  test(name, () => {
    const fold = new Fold();
    records.forEach((record, offset) => fold.apply(record, offset));
    assert.deepEqual(plain(fold.view), view);
  });

  test(`${name}: continued from a snapshot at any offset`, () => {
    for (let at = 0; at <= records.length; at++) {
      const first = new Fold();
      records.slice(0, at).forEach((record, offset) => first.apply(record, offset));
      const second = new Fold(plain(first.view));
      records.slice(at).forEach((record, offset) => second.apply(record, at + offset));
      assert.deepEqual(plain(second.view), view, `snapshot at ${at}`);
    }
  });

  test(`${name}: every change of an item is told`, () => {
    const fold = new Fold();
    records.forEach((record, offset) => {
      const before = plain(fold.view);
      const changes = fold.apply(record, offset);
      const told = new Set(changes.flatMap((change) => change.ids ?? (change.id === undefined ? [] : [change.id])));
      const then = new Map(fold.view.items.map((item) => [item.id, plain(item)]));
      for (const item of before.items) {
        if (JSON.stringify(then.get(item.id)) !== JSON.stringify(item)) assert.ok(told.has(item.id), `${item.id} at ${offset}`);
      }
      for (const id of then.keys()) if (!before.items.some((item) => item.id === id)) assert.ok(told.has(id));
      for (const part of ["inputs", "session", "participants"]) {
        const changed = JSON.stringify(before[part]) !== JSON.stringify(fold.view[part]);
        assert.equal(changes.some((change) => change.type === part) || !changed, true, `${part} at ${offset}`);
      }
    });
  });
}

test("appending costs what the delta brings, however long the answer is", () => {
  const fold = new Fold(emptyView());
  const event = (value) => ({ id: "e", ts: 1, actor: "agent:a", run: "r", v: 1, event: value });
  fold.apply(event({ type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" }), 0);
  const lap = () => {
    const start = performance.now();
    for (let i = 0; i < 20_000; i++) fold.apply(event({ type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "word " }), i);
    return performance.now() - start;
  };
  lap();
  const early = lap();
  for (let i = 0; i < 8; i++) lap();
  const late = lap();
  assert.equal(fold.items.get("m").text.length, 11 * 20_000 * 5);
  // Quadratic work would be ten times slower by now.
  assert.ok(late < early * 5 + 20, `${early.toFixed(1)} ms, then ${late.toFixed(1)} ms`);
});
