// The workloads. Each emits records {w, ...}; summary.py takes medians over repetitions.
import * as L from './lib.mjs';

const number = (name, fallback) => +(process.env[name] || fallback);
const REPS = number('REPS', 3);
let serial = Date.now() % 1e6;
const sidOf = (prefix) => `${prefix}${serial++}`;

export function workloads(A, out) {
  // One session: the primary subscriber starts the run, the others join.
  async function begin(n, rate, subscribers, { phase = 0, gate = null, options } = {}) {
    const job = new L.Job(sidOf('s'), n, rate);
    job.gate = gate;
    job.phase = phase || (subscribers > 1 ? 300 + subscribers * 5 : 0);
    L.jobs.set(job.sid, job);
    await A.create(job.sid);
    const subs = [await A.begin(job, new L.Scan(job), options)];
    for (let i = 1; i < subscribers; i++) subs.push(A.sub(job.sid, new L.Scan(job), null));
    await Promise.all(subs.map((each) => each.opened));
    return { job, subs };
  }
  async function drain(job, subs, ms = 30000) {
    for (const t = L.now(); L.now() - t < ms; await L.sleep(5)) {
      if (job.done && subs.every((each) => each.scan.count >= job.next)) return true;
      if (job.done && subs.every((each) => each.scan.count >= job.next || each.ended)) return false;
    }
    return false;
  }
  const sum = (subs, key) => subs.reduce((total, each) => total + each.scan[key], 0);

  async function one(n, rate, subscribers, ms) {
    const { job, subs } = await begin(n, rate, subscribers);
    const read = L.meter(A.pids);
    await job.ended;
    const ok = await drain(job, subs, ms);
    const used = read();
    const lat = subs.flatMap((each) => each.scan.lat), got = sum(subs, 'count');
    const last = Math.max(...subs.map((each) => each.scan.last));
    subs.forEach((each) => each.close());
    return { ok, n, rate, subs: subscribers, p50: L.percentile(lat, 0.5), p99: L.percentile(lat, 0.99),
      tokps: Math.round(got / ((last - job.sendT[0]) / 1000)), got, want: n * subscribers, dup: sum(subs, 'dup'), gap: sum(subs, 'gap'),
      bytesPerTok: +(sum(subs, 'bytes') / Math.max(1, got)).toFixed(1), ...used };
  }

  async function level(aggregate, seconds, sessions) {
    const rate = aggregate / sessions, n = Math.max(5, Math.round(rate * seconds));
    const gate = new L.Gate(sessions), asked = L.now();
    const all = await Promise.all(Array.from({ length: sessions }, () => begin(n, rate, 1, { phase: Math.random() * 500, gate })));
    const running = await gate.opened, startMs = Math.round(L.now() - asked);
    const read = L.meter(A.pids);
    await Promise.race([Promise.all(all.map((x) => x.job.ended)), L.sleep(seconds * 1000 + 8000)]);
    const used = read();
    await Promise.race([Promise.all(all.map((x) => drain(x.job, x.subs, 6000))), L.sleep(7000)]);
    const scans = all.map((x) => x.subs[0].scan), lat = scans.flatMap((s) => s.lat);
    const got = scans.reduce((total, s) => total + s.count, 0), emitted = all.reduce((total, x) => total + x.job.next, 0);
    const last = Math.max(...scans.map((s) => s.last)), first = Math.min(...all.map((x) => x.job.sendT[0]).filter(Boolean));
    all.forEach((x) => { x.job.stop(); x.subs[0].close(); });
    return { agg: aggregate, S: sessions, p50: L.percentile(lat, 0.5), p99: L.percentile(lat, 0.99),
      got, want: n * sessions, dup: sum(all.map((x) => x.subs[0]), 'dup'), gap: sum(all.map((x) => x.subs[0]), 'gap'),
      tokps: Math.round(got / ((last - first) / 1000)), usPerTok: +((used.cpu * 1e6) / Math.max(1, emitted)).toFixed(1), running, startMs, ...used };
  }

  async function hydrate(what, options, during) {
    const n = number('W7N', 100000), job = new L.Job(sidOf('h'), during ? n + 10 : n, 0);
    if (during) job.hold = n;
    L.jobs.set(job.sid, job);
    await A.create(job.sid);
    const primary = await A.begin(job, new L.Scan(job), options), t0 = L.now();
    while (primary.scan.count < n && L.now() - t0 < 240000 && !primary.ended) await L.sleep(20);
    const loadMs = Math.round(L.now() - t0);
    await L.sleep(1500); // the snapshot of the finished answer is taken off the path
    const reps = [];
    for (let r = 0; r < Math.max(7, REPS); r++) {
      const scan = new L.Scan(job), t = L.now(), handle = A.sub(job.sid, scan, null);
      await Promise.race([handle.opened, L.sleep(10000)]);
      while (scan.count < primary.scan.count && L.now() - t < 30000 && !handle.ended) await L.sleep(1);
      reps.push({ ms: +(scan.last - t).toFixed(1), got: scan.count, mb: handle.wire() / 1e6 });
      handle.close();
      await L.sleep(50);
    }
    job.stop();
    primary.close();
    out(what, { emitted: n, liveGot: primary.scan.count, loadMs, ms: L.median(reps.map((r) => r.ms)), max: Math.max(...reps.map((r) => r.ms)),
      mb: L.median(reps.map((r) => r.mb)), got: Math.min(...reps.map((r) => r.got)) });
  }

  return {
    async W1() {
      await one(50, 0, 1); // warm
      for (let r = 0; r < REPS; r++) out('W1.50', await one(number('W1N', 1000), 50, 1));
      for (let r = 0; r < REPS; r++) out('W1.max', await one(number('W1BIG', 20000), 0, 1, 60000));
    },
    async W2() {
      if (!A.shares) return out('W2', { na: 'no sharing: every request is its own generation' });
      for (const k of [10, 100]) for (let r = 0; r < REPS; r++) out('W2.50', await one(500, 50, k));
    },
    async W3() {
      const levels = (process.env.LEVELS || '6000,12000,26000,44000,70000,100000').split(',').map(Number);
      const seconds = number('W3S', 6), sessions = number('S', 200);
      let best = 0;
      for (const aggregate of levels) {
        let good = false;
        for (let r = 0; r < number('W3REPS', 1); r++) {
          const record = await level(aggregate, seconds, sessions);
          out('W3.level', record);
          good ||= record.got >= record.want * 0.98 && record.p99 < 250;
          await L.sleep(500);
        }
        if (!good) { await A.kill(); await A.restart(); break; }
        best = aggregate;
      }
      out('W3.best', { best });
    },
    async W4() {
      // Many clients on a few streams; each is cut off without a word again and again, and comes back where it was.
      const drops = number('DROPS', 10000), clients = number('W4CLIENTS', 50), streams = A.shares ? 5 : clients;
      const all = [];
      for (let i = 0; i < streams; i++) all.push(await begin(99999, 50, 1));
      let left = drops, failures = 0;
      const catchup = [], scans = [], read = L.meter(A.pids), began = L.now();
      await Promise.all(Array.from({ length: clients }, async (_, i) => {
        const { job } = all[i % streams], scan = new L.Scan(job);
        let handle = A.sub(job.sid, scan, null);
        await handle.opened;
        while (left-- > 0) {
          await L.sleep(20 + Math.random() * 200);
          const state = handle.state?.() ?? null;
          handle.close();
          await L.sleep(Math.random() * 50);
          const head = job.next - 1, t = L.now();
          scan.carry = null;
          handle = A.sub(job.sid, scan, state);
          await handle.opened;
          while (scan.max < head && L.now() - t < 10000 && !handle.ended) await L.sleep(1);
          if (scan.max >= head) catchup.push(L.now() - t);
          else { failures++; if (!A.shares) return; }
        }
        scans.push({ scan, job, handle });
      }));
      const used = read(), seconds = (L.now() - began) / 1000;
      all.forEach(({ job }) => { job.halt = true; });
      await L.sleep(300);
      await Promise.all(scans.map(({ scan, job }) => (async () => { for (const t = L.now(); scan.count < job.next && L.now() - t < 5000;) await L.sleep(5); })()));
      const total = (key) => scans.reduce((n, x) => n + (key === 'missing' ? x.scan.missing(x.job.next) : x.scan[key]), 0);
      out('W4', { drops: drops - Math.max(0, left), clients, received: total('count'), missing: total('missing'), dup: total('dup'), reorder: total('reorder'),
        failures, catchupP50: L.percentile(catchup, 0.5), catchupP99: L.percentile(catchup, 0.99), dropsPerSecond: Math.round(drops / seconds), ...used });
      scans.forEach(({ handle }) => handle.close());
      all.forEach(({ job, subs }) => { job.stop(); subs[0].close(); });
    },
    async W5() {
      for (let r = 0; r < REPS; r++) {
        const { job, subs } = await begin(2000, 50, 1);
        await L.sleep(1500 + Math.random() * 1500);
        const killed = A.kill();
        await killed;
        const received = subs[0].scan, emitted = job.next, t = L.now();
        job.stop();
        subs[0].close();
        await A.restart();
        const restartMs = Math.round(L.now() - t), again = new L.Scan(job), handle = A.sub(job.sid, again, null);
        await Promise.race([handle.opened, L.sleep(5000)]);
        await L.sleep(1000);
        let lost = 0;
        for (let i = 0; i < emitted; i++) if (received.seen[i] && !again.seen[i]) lost++;
        out('W5', { emitted, received: received.count, kept: received.count - lost, lost, restartMs });
        handle.close();
      }
    },
    async W6() {
      // One client stops what it reads: how long until the receipt is there, until the last token, until the model is let go.
      if (!A.stops) return out('W6', { na: 'closing is all that a client can do' });
      const receipts = [], lasts = [], models = [];
      let late = 0;
      for (let n = number('STOPS', 200); n > 0; n--) {
        const { job, subs: [sub] } = await begin(99999, 50, 1);
        while (!sub.scan.count) await L.sleep(2);
        await L.sleep(Math.random() * 200);
        const t = L.now(), shown = await Promise.race([sub.stop(), L.sleep(10000)]);
        if (!shown) throw new Error('no receipt within 10 s');
        receipts.push(shown - t);
        await Promise.race([job.ended, L.sleep(3000)]);
        await L.sleep(50); // what might still come
        lasts.push(Math.max(0, sub.scan.last - t));
        late += sub.scan.last > shown;
        if (job.aborted) models.push(job.aborted.t - t);
        job.stop();
        sub.close();
      }
      out('W6', { stops: receipts.length, late, receiptP50: L.percentile(receipts, 0.5), receiptP99: L.percentile(receipts, 0.99),
        lastP50: L.percentile(lasts, 0.5), lastP99: L.percentile(lasts, 0.99), modelP50: L.percentile(models, 0.5), modelP99: L.percentile(models, 0.99) });
    },
    async W7() {
      if (!A.shares) return out('W7', { na: 'nothing is kept' });
      await hydrate('W7.after', {}, false);
      await hydrate('W7.during', {}, true);
      await hydrate('W7.apart.after', { apart: true }, false);
      await hydrate('W7.apart.during', { apart: true }, true);
    },
    async W8() {
      const n = number('W8N', 1000);
      await A.kill();
      await A.restart(); // memory of a process that did other work says little
      const web = () => L.cost([A.webPid()]).rss;
      let session = A.shares ? await begin(1000, 0.2, 1) : null;
      await L.sleep(number('W8SETTLE', 10000)); // what a process loads late belongs to no socket
      const before = web(), handles = [];
      for (let i = 0; i < n; i += 50) {
        const some = await Promise.all(Array.from({ length: 50 }, async () => {
          if (session) return A.sub(session.job.sid, new L.Scan(session.job), null);
          const job = new L.Job(sidOf('i'), 1000, 0.2);
          L.jobs.set(job.sid, job);
          return Object.assign(await A.begin(job, new L.Scan(job)), { job });
        }));
        await Promise.race([Promise.all(some.map((each) => each.opened)), L.sleep(15000)]);
        handles.push(...some);
      }
      await L.sleep(2000);
      const open = handles.filter((each) => each.status === 200 && !each.ended).length, after = web(), read = L.meter(A.pids);
      await L.sleep(5000);
      out('W8', { conns: n, open, before: Math.round(before), after: Math.round(after), kib: +(((after - before) * 1024) / open).toFixed(1), idleCpu: read().srvCpu });
      handles.forEach((each) => { each.close(); each.job?.stop(); });
      session?.job.stop();
    },
  };
}
