// The baseline: plain Django streaming, one generation for each request.
import path from 'node:path';
import * as L from '../lib.mjs';

export function plainSse({ name, server, modelPort, python, log }) {
  let child, port;
  const bin = (tool) => path.join(path.dirname(python), tool);
  const sub = (sid, scan) => L.httpSub({ port, path: `/chat/${sid}` }, scan);
  return {
    name, mode: 'upstream', shares: false, durability: 'none',
    pids: () => (child ? [child.pid] : []),
    webPid: () => child.pid,
    async start() {
      port = await L.freePort();
      const env = { CLEWLINE_BENCH_AGENT_PORT: String(modelPort) }, app = 'tests.bench.plain_sse.app:application';
      child = server === 'daphne'
        ? L.launch(bin('daphne'), ['-b', '127.0.0.1', '-p', String(port), '-v', '0', app], { log, env })
        : L.launch(bin('uvicorn'), [app, '--host', '127.0.0.1', '--port', String(port), '--log-level', 'warning', '--lifespan', 'off'], { log, env });
      await L.waitHttp(port);
    },
    async restart() { await this.start(); },
    async kill() { child.kill('SIGKILL'); await child.exited; },
    async stop() { if (child && !child.gone) await this.kill(); },
    async create() {},
    async begin(job, scan) { return sub(job.sid, scan); },
    sub,
  };
}
