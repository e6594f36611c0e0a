"""Idempotent producers: what an append with an id, an epoch and a sequence number means.

A pure decision over plain values; the caller holds the stream's lock, so the state cannot change in between.
"""

from dataclasses import dataclass
from enum import Enum, auto

from sessions_app.streams.errors import InvalidRequest, SequenceGap, StaleProducer

MAX_ID_LENGTH = 255
MAX_INTEGER = 2**53 - 1  # what a JavaScript client can count to


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a request says of its producer."""

    id: str
    epoch: int
    seq: int

    def __post_init__(self) -> None:
        if not 0 < len(self.id) <= MAX_ID_LENGTH:
            raise InvalidRequest(f"A producer id has 1 to {MAX_ID_LENGTH} characters.")
        if not (0 <= self.epoch <= MAX_INTEGER and 0 <= self.seq <= MAX_INTEGER):
            raise InvalidRequest("A producer's epoch and sequence number lie between 0 and 2^53-1.")

    def as_closer(self) -> str:
        """How the stream remembers the request that closed it."""
        return f"{self.epoch} {self.seq} {self.id}"


@dataclass(frozen=True, slots=True)
class State:
    """The last accepted request of a producer. ``seq`` is -1 before the first."""

    epoch: int
    seq: int


class Verdict(Enum):
    ACCEPT = auto()
    DUPLICATE = auto()


def check_epoch(claim: Claim, state: State | None) -> None:
    """Raises StaleProducer."""
    if state is not None and claim.epoch < state.epoch:
        raise StaleProducer(state.epoch)


def judge(claim: Claim, state: State | None) -> Verdict:
    """Raises StaleProducer, SequenceGap, or InvalidRequest when a new epoch does not begin at 0."""
    check_epoch(claim, state)
    if state is not None and claim.epoch > state.epoch:
        if claim.seq != 0:
            raise InvalidRequest("A new epoch begins with sequence number 0.", code="epoch_not_from_zero")
        return Verdict.ACCEPT
    last = -1 if state is None else state.seq
    if claim.seq <= last:
        return Verdict.DUPLICATE
    if claim.seq > last + 1:
        raise SequenceGap(expected=last + 1, received=claim.seq)
    return Verdict.ACCEPT
