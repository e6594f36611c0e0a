// node run.mjs <peer> [W1,W2,...]: JSON lines on standard output, progress on standard error.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { clewline } from './adapters/clewline.mjs';
import { plainSse } from './adapters/plain_sse.mjs';
import * as L from './lib.mjs';
import { workloads } from './workloads.mjs';

const model = await L.startModel(+(process.env.MODEL_PORT || 0)); // 0: a free one
const modelPort = model.address().port;
const common = {
  modelPort,
  python: process.env.CLEWLINE_PYTHON || path.join(L.ROOT, '.venv/bin/python'),
  log: path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'clewline-bench-log-')), 'log'),
};
const PEERS = {
  'production-uvicorn': (name) => clewline({ name, kind: 'production', server: 'uvicorn', ...common }),
  'production-daphne': (name) => clewline({ name, kind: 'production', server: 'daphne', ...common }),
  'embedded-daphne': (name) => clewline({ name, kind: 'embedded', server: 'daphne', ...common }),
  'embedded-uvicorn': (name) => clewline({ name, kind: 'embedded', server: 'uvicorn', ...common }),
  'plain-uvicorn': (name) => plainSse({ name, server: 'uvicorn', ...common }),
  'plain-daphne': (name) => plainSse({ name, server: 'daphne', ...common }),
};

const [peer, wanted = 'W1,W2,W3,W4,W5,W6,W7,W8'] = process.argv.slice(2);
if (!PEERS[peer]) {
  console.error(`Peers: ${Object.keys(PEERS).join(' ')}`);
  process.exit(2);
}
const adapter = PEERS[peer](peer);
const out = (w, record) => {
  L.emit({ peer, w, ...record, load: L.load() });
  console.error(peer, w, JSON.stringify(record));
};
let code = 0;
try {
  await adapter.start();
  out('info', { durability: adapter.durability });
  const all = workloads(adapter, out);
  for (const w of wanted.split(',')) {
    try {
      await all[w]();
    } catch (error) {
      code = 1;
      out(w, { error: String(error?.stack || error).slice(0, 600) });
    }
    await L.sleep(500);
  }
} catch (error) {
  code = 1;
  console.error(String(error?.stack || error), `\nlog: ${common.log}\n`, fs.readFileSync(common.log, 'utf8').slice(-4000));
} finally {
  await adapter.stop();
}
process.exit(code);
