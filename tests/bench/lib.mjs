// The driver's parts: scripted model, token scanner, subscribers over HTTP, processes and their cost.
// One monotonic clock for emitting and receiving, so a latency is the difference of two readings.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const now = () => performance.now();
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const token = (i) => '~' + String(i).padStart(5, '0');
export const emit = (record) => console.log(JSON.stringify(record));

export function percentile(values, p) {
  if (!values.length) return null;
  const sorted = Float64Array.from(values).sort();
  return +sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))].toFixed(2);
}
export const median = (values) => percentile(values.filter((v) => v != null), 0.5);

// ---- Jobs: n tokens at `rate` a second (0: as fast as they are taken). sendT[i] is when token i was handed out.
export class Job {
  constructor(sid, n, rate) {
    Object.assign(this, { sid, n, rate, next: 0, t0: 0, done: false, aborted: null, hold: null, halt: false });
    this.sendT = new Float64Array(n);
    this.ended = new Promise((resolve) => { this._resolve = resolve; });
  }
  due(t) {
    if (this.halt || t < this.t0) return this.next;
    if (!this.rate) return this.hold ?? this.n;
    return Math.min(this.n, 1 + Math.floor(((t - this.t0) * this.rate) / 1000));
  }
  finish() {
    if (!this.done) { this.done = true; this._resolve(); }
  }
  stop() {
    this.halt = true;
    this.finish();
    this.answer?.destroy();
  }
}

const live = new Set();
let ticker = null;
function tick() {
  const t = now();
  for (const job of live) {
    if (job.done) live.delete(job);
    else job.pump(t);
  }
}
export function schedule(job, phase = 0) {
  job.t0 = now() + phase;
  live.add(job);
  ticker ??= setInterval(tick, 4);
}

// ---- Holds jobs back until `n` of them were asked for, so that streaming is measured apart from the start of many runs.
export class Gate {
  constructor(n, ms = 60000) {
    this.waiting = [];
    this.n = n;
    this.opened = new Promise((resolve) => { this._resolve = resolve; });
    this.timer = setTimeout(() => this.open(), ms);
  }
  arrive(job) {
    if (this.isOpen) return schedule(job, job.phase);
    this.waiting.push(job);
    if (this.waiting.length >= this.n) this.open();
  }
  open() {
    clearTimeout(this.timer);
    this.isOpen = true;
    for (const job of this.waiting) schedule(job, job.phase || 0);
    this._resolve(this.waiting.length);
  }
}

// ---- The scripted model: GET /llm/<sid> answers lines "~00042\n".
export const jobs = new Map();
export function startModel(port) {
  const server = http.createServer((request, answer) => {
    const job = jobs.get(decodeURIComponent(request.url.split('/')[2] || ''));
    if (!job || job.done) { answer.writeHead(404); answer.end(); return; }
    answer.socket.setNoDelay(true);
    answer.writeHead(200, { 'content-type': 'text/plain' });
    answer.flushHeaders();
    let blocked = false;
    job.answer = answer;
    answer.on('drain', () => { blocked = false; });
    answer.on('close', () => {
      if (!job.done) { job.aborted = { at: job.next, t: now() }; job.finish(); }
    });
    job.pump = (t) => {
      const due = job.due(t);
      if (job.rate) {
        let text = '';
        while (job.next < due) { job.sendT[job.next] = now(); text += token(job.next++) + '\n'; }
        if (text) answer.write(text);
      } else {
        for (let k = 0; job.next < due && !blocked && k < 400; k++) {
          let text = '';
          const end = Math.min(due, job.next + 20), at = now();
          while (job.next < end) { job.sendT[job.next] = at; text += token(job.next++) + '\n'; }
          blocked = !answer.write(text);
        }
      }
      if (job.next >= job.n) { answer.end(); job.finish(); }
    };
    if (job.gate) job.gate.arrive(job);
    else schedule(job, job.phase || 0);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

// ---- What one subscriber received: tokens found in whatever framing, counted.
export class Scan {
  constructor(job) {
    Object.assign(this, { job, count: 0, max: -1, expect: 0, dup: 0, reorder: 0, gap: 0, last: 0, bytes: 0, carry: null });
    this.seen = new Uint8Array(job.n);
    this.lat = [];
  }
  feed(buffer) {
    const t = now();
    this.bytes += buffer.length;
    if (this.carry) { buffer = Buffer.concat([this.carry, buffer]); this.carry = null; }
    let i = 0;
    while ((i = buffer.indexOf(0x7e, i)) !== -1) {
      if (i + 6 > buffer.length) { this.carry = buffer.subarray(i); break; }
      let s = 0;
      for (let k = 1; k < 6; k++) s = s * 10 + buffer[i + k] - 48;
      i += 6;
      this.got(s, t);
    }
  }
  got(s, t) {
    if (!(s >= 0 && s < this.seen.length)) return;
    this.last = t;
    if (s > this.expect) this.gap += s - this.expect;
    else if (s < this.expect) this.reorder++;
    this.expect = s + 1;
    if (s > this.max) this.max = s;
    if (this.seen[s]) { this.dup++; return; }
    this.seen[s] = 1;
    this.count++;
    const sent = this.job.sendT[s];
    if (sent) this.lat.push(t - sent);
  }
  missing(n) {
    let missing = 0;
    for (let i = 0; i < n; i++) if (!this.seen[i]) missing++;
    return missing;
  }
}

// ---- HTTP.
export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
export function httpSub({ port, path: target, headers = {} }, scan) {
  const handle = { scan, status: 0, ended: false, closed: false, err: null };
  handle.opened = new Promise((resolve) => { handle._opened = resolve; });
  const request = http.request({ host: '127.0.0.1', port, path: target, headers, agent: false }, (answer) => {
    handle.status = answer.statusCode;
    handle._opened(answer.statusCode);
    answer.on('data', (buffer) => { if (!handle.closed) scan.feed(buffer); });
    for (const event of ['end', 'close', 'error']) answer.on(event, () => { handle.ended = true; });
  });
  request.on('error', (error) => { handle.err = String(error); handle.ended = true; handle._opened(0); });
  request.on('socket', (socket) => { socket.setNoDelay(true); handle.socket = socket; });
  request.end();
  handle.close = () => { handle.closed = true; request.destroy(); };
  handle.wire = () => handle.socket?.bytesRead ?? 0;
  return handle;
}
const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 16 });
export function httpJson(port, method, target, body, headers = {}, agent = keepAlive) {
  return new Promise((resolve, reject) => {
    const data = body == null ? null : JSON.stringify(body);
    const request = http.request(
      { host: '127.0.0.1', port, method, path: target, agent,
        headers: { ...(data ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) } : {}), ...headers } },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => resolve({ status: answer.statusCode, body: Buffer.concat(parts).toString() }));
        answer.on('error', reject);
      });
    request.on('error', reject);
    if (data) request.write(data);
    request.end();
  });
}
export async function waitHttp(port, target = '/', ms = 30000) {
  for (const began = now(); ;) {
    try { if ((await httpJson(port, 'GET', target, null, {}, false)).status) return; } catch { /* not up yet */ }
    if (now() - began > ms) throw new Error(`nothing answers on port ${port}`);
    await sleep(50);
  }
}

// ---- Processes. CPU in seconds; memory in MiB (Pss for PostgreSQL, whose processes share buffers).
const TICKS = 100;
function children(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text.split(' ').filter(Boolean).map(Number).flatMap((child) => [child, ...children(child)]);
  } catch { return []; }
}
export function cost(pids) {
  let cpu = 0, rss = 0;
  for (const pid of new Set(pids.flatMap((p) => [p, ...children(p)]))) {
    try {
      const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      cpu += (+fields[11] + +fields[12]) / TICKS;
      const [file, pattern] = text.includes('(postgres)') ? ['smaps_rollup', /Pss:\s+(\d+)/] : ['status', /VmRSS:\s+(\d+)/];
      const found = fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').match(pattern);
      rss += found ? +found[1] / 1024 : 0;
    } catch { /* it ended meanwhile */ }
  }
  return { cpu, rss };
}
export function machine() {
  const f = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  return { busy: (f[0] + f[1] + f[2] + f[5] + f[6]) / TICKS, t: now() / 1000 };
}
export const load = () => +os.loadavg()[0].toFixed(2);

// Cores used between two moments: by the server, by this driver, and by neighbours on the machine.
export function meter(pids) {
  const a = { server: cost(pids()), machine: machine(), own: process.cpuUsage(), t: now() };
  return () => {
    const seconds = (now() - a.t) / 1000, own = process.cpuUsage(a.own), server = cost(pids()), all = machine();
    const cpu = server.cpu - a.server.cpu, driver = (own.user + own.system) / 1e6;
    return {
      seconds: +seconds.toFixed(2), cpu: +cpu.toFixed(3), srvCpu: +(cpu / seconds).toFixed(2), drvCpu: +(driver / seconds).toFixed(2),
      neighbours: +((all.busy - a.machine.busy - cpu - driver) / seconds).toFixed(2), rss: Math.round(server.rss),
    };
  };
}

export function launch(command, args, { cwd = ROOT, env = {}, log, stdio } = {}) {
  const out = fs.openSync(log, 'a');
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: stdio ? [stdio[0], stdio[1], out] : ['ignore', out, out] });
  fs.closeSync(out);
  child.exited = new Promise((resolve) => child.on('exit', () => { child.gone = true; resolve(); }));
  return child;
}
