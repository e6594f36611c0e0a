// Reads AG-UI sequences as JSON lines on standard input and runs each through the client's own verifier and reducer.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../js/package.json', import.meta.url));
const { verifyEvents } = await import(pathToFileURL(require.resolve('@ag-ui/client')).href).then((m) => m.default ?? m);
const { from, lastValueFrom, toArray } = require('rxjs');

for await (const line of createInterface({ input: process.stdin })) {
  const { events } = JSON.parse(line);
  try {
    const seen = await lastValueFrom(verifyEvents(false)(from(events)).pipe(toArray()));
    console.log(JSON.stringify({ ok: true, seen: seen.length }));
  } catch (error) {
    console.log(JSON.stringify({ ok: false, error: String(error.message ?? error) }));
  }
}
