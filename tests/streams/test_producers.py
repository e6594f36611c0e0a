"""However often and in whatever order requests arrive, each is written at most once, in its epoch's order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.streams.errors import InvalidRequest, SequenceGap, StaleProducer
from sessions_app.streams.producers import MAX_INTEGER, Claim, State, Verdict, judge

deliveries = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=60)


@given(deliveries=deliveries)
def test_each_request_counts_once_and_in_order(deliveries: list[tuple[int, int]]) -> None:
    state: State | None = None
    accepted: list[tuple[int, int]] = []
    for epoch, seq in deliveries:
        try:
            verdict = judge(Claim(id="p", epoch=epoch, seq=seq), state)
        except StaleProducer as error:
            assert state is not None
            assert epoch < state.epoch == error.epoch
        except SequenceGap as error:
            assert error.received == seq > error.expected
        except InvalidRequest:
            assert state is not None
            assert epoch > state.epoch
            assert seq > 0
        else:
            if verdict is Verdict.ACCEPT:
                accepted.append((epoch, seq))
                state = State(epoch, seq)
            else:
                assert (epoch, seq) in accepted
    assert accepted == sorted(set(accepted))
    for epoch in {epoch for epoch, _ in accepted}:
        assert [s for e, s in accepted if e == epoch] == list(range(sum(e == epoch for e, _ in accepted)))


@given(order=st.permutations(range(6)), tries=st.integers(1, 6))
def test_retrying_what_has_a_gap_delivers_everything(order: list[int], tries: int) -> None:
    """A client that repeats refused requests, in any order, gets each of them written exactly once."""
    state: State | None = None
    written: list[int] = []
    waiting = list(order)
    while waiting:
        again = []
        for seq in waiting:
            for _ in range(tries):
                try:
                    if judge(Claim(id="p", epoch=7, seq=seq), state) is Verdict.ACCEPT:
                        written.append(seq)
                        state = State(7, seq)
                except SequenceGap:
                    again.append(seq)
                    break
        waiting = again
    assert written == list(range(6))


@pytest.mark.parametrize(
    ("id", "epoch", "seq"),
    [
        ("", 0, 0),
        ("x" * 256, 0, 0),
        ("p", -1, 0),
        ("p", 0, -1),
        ("p", MAX_INTEGER + 1, 0),
        ("p", 0, MAX_INTEGER + 1),
    ],
)
def test_impossible_claims_are_refused(id: str, epoch: int, seq: int) -> None:
    with pytest.raises(InvalidRequest):
        Claim(id=id, epoch=epoch, seq=seq)
