// Clewline as people use it: a login cookie, the JSON API, and the WebSocket of PROTOCOL.md, marks answered.
import readline from 'node:readline';
import WebSocket from 'ws';
import * as L from '../lib.mjs';

const CSRF = 'b'.repeat(32);

export function clewline({ name, kind, server, modelPort, python, log }) {
  let child, answers, facts = null;
  const sessions = new Map();
  let started = 0;
  const headers = (cookie) => ({ cookie: `clewline_session=${cookie}; clewline_csrf=${CSRF}`, 'x-csrftoken': CSRF });

  const line = () => new Promise((resolve, reject) => {
    answers.once('line', (text) => resolve(JSON.parse(text)));
    child.exited.then(() => reject(new Error(`the topology ended; see ${log}`)));
  });
  async function tell(word) {
    const answer = line();
    child.stdin.write(word + '\n');
    return answer;
  }

  function sub(sid, scan, state) {
    const { s, cookie } = sessions.get(sid);
    const socket = new WebSocket(`ws://127.0.0.1:${facts.port}/ws/`, {
      headers: headers(cookie), origin: `http://127.0.0.1:${facts.port}`, perMessageDeflate: false, skipUTF8Validation: true,
    });
    const handle = { scan, status: 0, ended: false, err: null, next: state ?? null };
    handle.opened = new Promise((resolve) => { handle._opened = resolve; });
    handle.acked = new Promise((resolve) => { handle._acked = resolve; });
    socket.on('open', () => {
      socket._socket.setNoDelay(true);
      socket.send(JSON.stringify({ t: 'subscribe', s, from: handle.next, ref: 's' }));
    });
    socket.on('message', (data) => {
      if (handle.closed) return;
      const kind = data.toString('latin1', 0, 14);
      if (kind.startsWith('{"t":"records"')) {
        const head = data.toString('latin1', 0, 160), end = head.match(/"to":(\d+)/);
        scan.feed(data);
        handle.next = +end[1];
        if (handle._stopped && data.includes('"run.stopped"')) handle._stopped(L.now());
      } else if (kind.startsWith('{"t":"mark"')) socket.send(`{"t":"ok","n":${JSON.parse(data).n}}`);
      else {
        const frame = JSON.parse(data);
        if (frame.t === 'snapshot' || frame.t === 'reset') { scan.feed(data); handle.next = frame.at; }
        else if (frame.t === 'live') { handle.status = 200; handle._opened(200); }
        else if (frame.t === 'ack') handle._acked(frame);
        else if (frame.t === 'error' || frame.t === 'closed' || frame.t === 'bye') handle.err = `${frame.code}: ${frame.message ?? ''}`;
      }
    });
    socket.on('error', (error) => { handle.err ??= String(error); });
    socket.on('close', () => { handle.ended = true; handle._opened(0); });
    handle.send = (text) => socket.send(JSON.stringify({ t: 'send', s, id: `${sid}-${L.now()}`, text, ref: 'i' }));
    handle.stop = () => new Promise((resolve) => { // resolves when the receipt is shown here
      handle._stopped = resolve;
      socket.send(JSON.stringify({ t: 'stop', s, ref: 'x' }));
    });
    handle.close = () => { handle.closed = true; socket.terminate(); };
    handle.state = () => handle.next;
    handle.wire = () => socket._socket?.bytesRead ?? 0;
    return handle;
  }

  return {
    name, mode: 'upstream', shares: true, stops: true,
    durability: kind === 'production' ? 'PostgreSQL, fsync and synchronous_commit on' : 'SQLite WAL, synchronous NORMAL',
    pids: () => Object.values(facts?.pids ?? {}),
    webPid: () => facts.pids['web-1'] ?? facts.pids.embedded,
    async start() {
      child = L.launch(python, ['-m', 'tests.bench.topology', kind, server], {
        log, stdio: ['pipe', 'pipe'], env: { CLEWLINE_BENCH_AGENT_PORT: String(modelPort) },
      });
      answers = readline.createInterface({ input: child.stdout });
      facts = await line();
    },
    async restart() { facts = await tell('start'); },
    async kill() { await tell('kill'); },
    async stop() { if (child && !child.gone) { child.stdin.end(); await child.exited; } },
    async create(sid) {
      const cookie = facts.cookies[started++ % facts.cookies.length]; // one person for each session
      let answer;
      do answer = await L.httpJson(facts.port, 'POST', '/api/sessions/', { agent: 'bench', title: sid }, headers(cookie));
      while (answer.status === 503); // busy: it says that repeating is safe
      if (answer.status !== 201) throw new Error(`create: ${answer.status} ${answer.body.slice(0, 200)}`);
      sessions.set(sid, { s: JSON.parse(answer.body).session.id, cookie });
    },
    async begin(job, scan, { apart = false } = {}) {
      const handle = sub(job.sid, scan, null);
      if ((await handle.opened) !== 200) throw new Error(`subscribe: ${handle.err}`);
      handle.send(apart ? `${job.sid} apart` : job.sid);
      return handle;
    },
    sub,
  };
}
