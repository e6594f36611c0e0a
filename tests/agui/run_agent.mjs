// The stock HttpAgent, unmodified, with its verifier. Reads one JSON order, a line of standard input:
// {url, headers, threadId, turns: [{say?: {id, text}, runId?, resume?: payload, drop?, pause?, abortAt?: event type, postAt?: {type, url, body}}]}
// and prints {turns: [{events, asked, result, error}], messages, pending}. Before a turn with `pause` it prints "paused" and waits for a line.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../js/package.json', import.meta.url));
const { HttpAgent } = await import(pathToFileURL(require.resolve('@ag-ui/client')).href).then((m) => m.default ?? m);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const order = JSON.parse((await lines.next()).value);
const agent = new HttpAgent({ url: order.url, headers: order.headers, threadId: order.threadId });
console.error = () => {}; // what failed is in the answer

const post = (url, body) =>
  fetch(url, { method: 'POST', headers: { ...order.headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

const turns = [];
for (const turn of order.turns) {
  const events = [];
  const waiting = [];
  let once = true;
  if (turn.pause) {
    console.log('paused');
    await lines.next();
  }
  if (turn.say) agent.addMessage({ id: turn.say.id, role: 'user', content: turn.say.text });
  const resume = turn.resume === undefined && !turn.drop ? undefined : agent.pendingInterrupts.map((each) => (
    turn.drop ? { interruptId: each.id, status: 'cancelled' } : { interruptId: each.id, status: 'resolved', payload: turn.resume }));
  const asked = structuredClone(agent.pendingInterrupts);
  const subscriber = {
    onEvent({ event }) {
      events.push(event);
      if (once && event.type === turn.abortAt) {
        once = false;
        agent.abortRun();
      }
      if (once && event.type === turn.postAt?.type) {
        once = false;
        waiting.push(post(turn.postAt.url, turn.postAt.body));
      }
    },
  };
  try {
    const { result } = await agent.runAgent({ runId: turn.runId, resume }, subscriber);
    turns.push({ events, asked, result: result ?? null, error: null });
  } catch (error) {
    turns.push({ events, asked, result: null, error: String(error.message ?? error) });
  }
  await Promise.all(waiting);
}
const seen = JSON.stringify({ turns, messages: agent.messages, pending: agent.pendingInterrupts });
process.stdout.write(`${seen}\n`, () => process.exit(0));
