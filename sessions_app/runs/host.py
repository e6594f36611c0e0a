"""The run host: one event loop in a thread of a worker process, holding hundreds of runs.

Celery wakes it with a run's id; whether the run may be executed is decided by the claim. The host also looks for due
runs by itself, so that neither a lost wake-up nor a flushed broker leaves anybody waiting.
"""

import asyncio
import gc
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from sessions_app.runs import awaiting
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import AgentError, Interrupted, UnknownAgent, agents, get_agent
from sessions_app.runs.context import LaneContext
from sessions_app.runs.halting import listen, listens
from sessions_app.runs.interrupts import interrupt_run
from sessions_app.runs.lane import RunLane
from sessions_app.runs.lifecycle import finish_run
from sessions_app.runs.models import Run
from sessions_app.session import log as session_log
from sessions_app.session.snapshots import take_snapshot
from sessions_app.streams.append import StaleEpoch, StreamClosed
from sessions_app.streams.writer import GroupWriter

logger = logging.getLogger(__name__)

DB_THREADS = 2
POLL_SECONDS = 1.0
SNAPSHOT_RECORDS = 1000
SNAPSHOT_CHARS = 64 * 1024
FAILURE_DELAY_SECONDS = 0.5
BACKLOG_MAX = 1000


class RunHost:
    """``prepare`` lets agents load what is slow to load; a worker process wants that, a test does not."""

    def __init__(
        self,
        *,
        on_loop: Callable[[asyncio.AbstractEventLoop], None] | None = None,
        prepare: bool = False,
    ) -> None:
        self._prepare = prepare
        self.worker = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._on_loop = on_loop
        self._threads = ThreadPoolExecutor(DB_THREADS, thread_name_prefix="run-db")
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._claiming: set[str] = set()
        self._scheduled: set[str] = set()  # of those in _tasks
        self._backlog: dict[str, None] = {}  # scheduled runs to be looked at, in order
        self._epochs: dict[str, int] = {}
        self._accepting = True
        self._capacity = settings.CLEWLINE_RUNS_PER_WORKER
        self._for_scheduled = max(1, int(self._capacity * settings.CLEWLINE_SCHEDULED_SHARE))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="run-host", daemon=True)
        self.loop: asyncio.AbstractEventLoop
        self.writer: GroupWriter

    # From other threads.

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def submit(self, run_id: str, queue: str = Run.Queue.CHAT) -> None:
        """Wake-up: try to claim and execute the run. Safe to call twice, or for a run that is long over."""
        self.loop.call_soon_threadsafe(self._consider, run_id, queue)

    def halt(self, run_ids: Iterable[str]) -> None:
        """These runs have ended, by another hand: let go of them."""
        self.loop.call_soon_threadsafe(self._halt, list(run_ids))

    def stop(self, *, grace: float) -> None:
        """Take no more runs, let those at work end for ``grace`` seconds, then give them back."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._stop(grace), self.loop).result(grace + 30)
        self.loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    @property
    def active(self) -> int:
        return len(self._tasks)

    # On the host's loop.

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        if self._on_loop is not None:
            self._on_loop(self.loop)
        self._ended = asyncio.Event()
        self.writer = GroupWriter(session_log.announce)
        self.writer.start()
        keepers = [asyncio.create_task(self._renew()), asyncio.create_task(self._poll())]
        if listens():
            keepers.append(asyncio.create_task(listen(self._halt)))
        if self._prepare:
            keepers.append(asyncio.create_task(_prepare_agents()))
        self._ready.set()
        await self._ended.wait()
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await self.writer.close()
        self._threads.shutdown(wait=False)

    async def in_thread(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def work() -> Any:
            close_old_connections()
            try:
                return call(*args, **kwargs)
            except DatabaseError:
                connections.close_all()
                raise

        return await self.loop.run_in_executor(self._threads, work)

    def _consider(self, run_id: str, queue: str = Run.Queue.CHAT) -> None:
        if not self._accepting or run_id in self._tasks:
            return
        if queue == Run.Queue.SCHEDULED:
            if len(self._backlog) < BACKLOG_MAX:
                self._backlog[run_id] = None
            self._take_scheduled()
        elif self._places_taken() < self._capacity:
            self._begin(run_id)

    def _take_scheduled(self) -> None:
        """Scheduled runs have a share of the places and are claimed one after another, so that what somebody waits for is
        behind one of their claims at most. Their places do not count for a chat.
        """
        while self._accepting and self._backlog and not self._claiming & self._scheduled:
            scheduled = len(self._scheduled - awaiting.waiting_ids())
            if scheduled >= self._for_scheduled or self._places_taken() + scheduled >= self._capacity:
                return
            run_id = next(iter(self._backlog))
            del self._backlog[run_id]
            if run_id not in self._tasks:
                self._scheduled.add(run_id)
                self._begin(run_id)

    def _places_taken(self) -> int:
        """By runs that somebody waits for, and that do not only wait themselves."""
        return len(self._tasks.keys() - self._scheduled - awaiting.waiting_ids())

    def _begin(self, run_id: str) -> None:
        self._claiming.add(run_id)
        task = self.loop.create_task(self._claim_and_run(run_id), name=f"run-{run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda _: self._forget(run_id))

    def _halt(self, run_ids: Iterable[str]) -> None:
        for run_id in run_ids:
            task = self._tasks.get(run_id)
            if task is not None and self._epochs.pop(run_id, None) is not None:
                task.cancel()

    def _forget(self, run_id: str) -> None:
        self._tasks.pop(run_id, None)
        self._claiming.discard(run_id)
        self._scheduled.discard(run_id)
        self._epochs.pop(run_id, None)
        self._take_scheduled()

    async def _claim_and_run(self, run_id: str) -> None:
        try:
            claimed = await self.in_thread(claims.claim, run_id, self.worker)
        except DatabaseError:
            logger.warning("Could not claim run %s; the next look will try again.", run_id, exc_info=True)
            return
        finally:
            self._claiming.discard(run_id)
            self._take_scheduled()
        if claimed is not None:
            self._epochs[run_id] = claimed.epoch
            await self._attempt(claimed)

    async def _attempt(self, claimed: claims.Claimed) -> None:
        run_id = claimed.info.id
        task = asyncio.current_task()
        lane = RunLane(
            self.writer,
            stream_id=claimed.stream_id,
            run_id=run_id,
            epoch=claimed.epoch,
            actor=f"agent:{claimed.info.agent}",
            on_lost=lambda: _cancel(task),
        )
        snapshots = self.loop.create_task(self._snapshots(claimed.info.session_id, lane))
        try:
            ending = await self._call_agent(claimed, lane)
            await lane.flush()
            await self.in_thread(ending, run_id=run_id, epoch=claimed.epoch)
            await self._snapshot(claimed.info.session_id, boundary=True)
        except (StaleEpoch, StreamClosed):
            pass
        except asyncio.CancelledError:
            if not lane.lost and not self._releasing(run_id):
                raise
        except Exception:
            logger.exception("Run %s broke off and will be tried again.", run_id)
            await self._give_back(run_id, failed=True, delay=FAILURE_DELAY_SECONDS * 2**claimed.info.attempt)
        finally:
            snapshots.cancel()
            lane.close()

    async def _call_agent(self, claimed: claims.Claimed, lane: RunLane) -> Callable[..., None]:
        """How the agent ended: called with the run's id and epoch, it ends the run."""
        try:
            agent = get_agent(claimed.info.agent)
            result = await agent.run(LaneContext(claimed, lane, self.in_thread))
        except (AgentError, UnknownAgent) as problem:
            return partial(finish_run, status=Run.Status.FAILED, code=problem.code, message=str(problem))
        except Interrupted as interrupted:
            return partial(interrupt_run, asks=interrupted.asks)
        return partial(finish_run, status=Run.Status.FINISHED, result=result)

    def _releasing(self, run_id: str) -> bool:
        return not self._accepting or run_id not in self._epochs

    async def _give_back(self, run_id: str, *, failed: bool, delay: float = 0.0) -> None:
        try:
            await self.in_thread(claims.release, [run_id], self.worker, failed=failed, delay=delay)
        except DatabaseError:
            logger.warning("Could not give run %s back; its lease will end.", run_id)

    async def _snapshots(self, session_id: str, lane: RunLane) -> None:
        """Snapshots while the answer grows, so that a fresh client never folds a long tail."""
        records = chars = 0
        while True:
            await asyncio.sleep(0.25)
            if lane.records - records >= SNAPSHOT_RECORDS or lane.chars - chars >= SNAPSHOT_CHARS:
                records, chars = lane.records, lane.chars
                await self._snapshot(session_id, boundary=False)

    async def _snapshot(self, session_id: str, *, boundary: bool) -> None:
        try:
            await self.in_thread(take_snapshot, session_id, boundary=boundary)
        except DatabaseError:
            logger.warning("No snapshot of session %s this time.", session_id, exc_info=True)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(settings.CLEWLINE_LEASE_SECONDS / 3)
            held = dict(self._epochs)
            try:
                kept = await self.in_thread(claims.renew, held, self.worker)
            except DatabaseError:
                logger.warning("Could not renew leases.", exc_info=True)
                continue
            self._halt(run_id for run_id in held.keys() - kept if self._epochs.get(run_id) == held[run_id])

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._accepting:
                continue
            try:
                for queue in Run.Queue.values:
                    for run_id in await self.in_thread(claims.due_runs, queue=queue):
                        self._consider(run_id, queue)
                if held := dict(self._epochs):
                    gone = await self.in_thread(claims.lost, held)
                    self._halt(run_id for run_id in gone if self._epochs.get(run_id) == held[run_id])
            except DatabaseError:
                logger.warning("Could not look for due runs.", exc_info=True)

    async def _stop(self, grace: float) -> None:
        self._accepting = False
        if self._tasks and grace > 0:
            await asyncio.wait(list(self._tasks.values()), timeout=grace)
        left = list(self._tasks)
        await self.writer.drain()
        for run_id in left:
            if run_id in self._tasks:
                self._tasks[run_id].cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=5)
        if left:
            await self.in_thread(claims.release, left, self.worker, failed=False)


async def _prepare_agents() -> None:
    """Let agents load what is slow to load before somebody waits for it."""
    for agent in agents():
        prepare = getattr(agent, "prepare", None)
        if prepare is not None:
            try:
                await prepare()
            except Exception:
                logger.warning("Agent %s could not prepare itself.", agent.name, exc_info=True)
    # What is loaded now stays: walking it again and again would hold up every answer for 200 ms.
    gc.collect()
    gc.freeze()


def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        task.cancel()


_host: RunHost | None = None
_lock = threading.Lock()


def start_host(*, on_loop: Callable[[asyncio.AbstractEventLoop], None] | None = None) -> RunHost:
    """Start this process's host, once."""
    global _host
    with _lock:
        if _host is None:
            _host = RunHost(on_loop=on_loop, prepare=True)
            _host.start()
        return _host


def current_host() -> RunHost | None:
    return _host


def stop_host(*, grace: float = 10.0) -> None:
    global _host
    with _lock:
        host, _host = _host, None
    if host is not None:
        host.stop(grace=grace)
