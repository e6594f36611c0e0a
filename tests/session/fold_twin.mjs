// Reads logs as JSON lines on standard input and writes the view of each that the browser's fold makes.
import { createInterface } from "node:readline";
import { Fold } from "../../static/js/session/fold.js";

for await (const line of createInterface({ input: process.stdin })) {
  const fold = new Fold();
  JSON.parse(line).forEach((record, offset) => fold.apply(record, offset));
  console.log(JSON.stringify(fold.view));
}
