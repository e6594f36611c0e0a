import assert from "node:assert/strict";
import test from "node:test";
import { partsOf } from "../../static/js/chat/cite.js";
import { commandIn, fitting } from "../../static/js/chat/slash_match.js";
import { stateOf } from "../../static/js/chat/steps.js";

const SKILLS = [
  { name: "call-prep", help: "One page before a call" },
  { name: "create-asset", help: "What a deal needs now" },
  { name: "customer-follow-up", help: "What we owe customers" },
  { name: "morning-brief", help: "The day in two minutes" },
];
const names = (typed) => fitting(SKILLS, typed).map((skill) => skill.name);

test("a command begins the text; an address is none", () => {
  assert.deepEqual(commandIn("/"), { name: "", rest: "", at: 1 });
  assert.deepEqual(commandIn("/Call_Prep Acme"), { name: "call-prep", rest: " Acme", at: 10 });
  for (const text of ["", "call", "see /call-prep", "/accounts/12/", "/call-prep: Acme"]) assert.equal(commandIn(text), null);
});

test("skills fit by beginnings, words, initials and slips of the keys", () => {
  assert.equal(names("").length, 4);
  assert.deepEqual(names("call-prep"), ["call-prep"]);
  assert.deepEqual(names("c"), ["call-prep", "create-asset", "customer-follow-up"]);
  assert.deepEqual(names("prep"), ["call-prep"]);
  assert.deepEqual(names("cfu"), ["customer-follow-up"]);
  assert.deepEqual(names("callprep"), ["call-prep"]);
  assert.deepEqual(names("mornign"), ["morning-brief"]);
  assert.deepEqual(names("owe"), ["customer-follow-up"]);
  assert.deepEqual(names("zzz"), []);
});

test("a citation's title is its label, day and words; each may be missing", () => {
  assert.deepEqual(partsOf("Call 4 · Acme · 20 Nov 2026 · 'Send it, it's late.'"), { label: "Call 4 · Acme", date: "20 Nov 2026", quote: "Send it, it's late." });
  assert.deepEqual(partsOf("Deal · 'Later'"), { label: "Deal", date: "", quote: "Later" });
  assert.deepEqual(partsOf("Deal"), { label: "Deal", date: "", quote: "" });
});

test("a checklist is at work until it is published, and says where it was stopped", () => {
  const use = { id: "a", name: "use_skill", status: "done" };
  const read = { id: "a.read", name: "Read", status: "done" };
  const open = { id: "a.write", name: "Write", status: "running" };
  const run = { status: "running", endTs: null };
  assert.equal(stateOf([use, read, open], run).open, open);
  assert.equal(stateOf([use, read], run).state, "running"); // between two steps
  assert.equal(stateOf([use, read, { id: "a.p", name: "publish_artifact", status: "done" }], run).state, "done");
  assert.equal(stateOf([use], run).state, "done"); // asked back
  assert.equal(stateOf([use, read, { ...open, status: "partial" }], { status: "cancelled", endTs: 9 }).state, "stopped");
  assert.equal(stateOf([{ ...use, status: "failed" }], { status: "finished", endTs: 9 }).state, "failed");
  assert.equal(stateOf([use, { ...read, status: "failed" }], { status: "finished", endTs: 9 }).failed, 1);
});
