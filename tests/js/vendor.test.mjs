import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../static/vendor/", import.meta.url);

test("what is vendored is what VENDOR.md says", () => {
  const rows = [...readFileSync(new URL("VENDOR.md", folder), "utf8").matchAll(/^\| `([\w.]+)` .*`([0-9a-f]{64})` \|$/gm)];
  assert.equal(rows.length, 2);
  for (const [, name, hash] of rows) {
    assert.equal(createHash("sha256").update(readFileSync(new URL(name, folder))).digest("hex"), hash, name);
  }
});
