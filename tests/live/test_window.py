"""The flow-control window against every order of frames, full windows and answers."""

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.live.window import MARK_BYTES, WINDOW_BYTES, Window

sizes = st.one_of(st.integers(1, 2000), st.integers(1, MARK_BYTES * 2), st.integers(1, WINDOW_BYTES * 3))
frames = sizes.map(lambda n: ("frame", n))
answers = st.integers(-2, 40).map(lambda n: ("ok", n))
steps = st.lists(st.one_of(frames, answers), max_size=200)


@given(steps)
def test_no_more_than_the_window_travels_and_credit_is_never_invented(steps: list[tuple[str, int]]) -> None:
    window = Window()
    travelling: list[
        int | str
    ] = []  # what a client that answers nothing by itself has before it, marks as "m<n>"

    def bytes_under_way() -> int:
        return sum(each for each in travelling if isinstance(each, int))

    for kind, n in steps:
        if kind == "frame":
            before = bytes_under_way()
            if window.fits(n):
                assert before == 0 or before + n <= WINDOW_BYTES
                travelling.append(n)
                number = window.sent(n)
            else:
                assert before + n > WINDOW_BYTES
                number = window.mark()
            if number is not None:
                travelling.append(f"m{number}")
        else:
            known = window.answered(n)
            assert known == (f"m{n}" in travelling)
            if known:
                del travelling[: travelling.index(f"m{n}") + 1]
        assert window.under_way == bytes_under_way()
        assert window.room() == max(0, WINDOW_BYTES - bytes_under_way())


@given(st.lists(sizes, max_size=100))
def test_a_client_that_answers_every_mark_gets_everything(frame_sizes: list[int]) -> None:
    window = Window()
    marks: list[int] = []
    unmarked = 0
    for size in frame_sizes:
        if not window.fits(size):
            number = window.mark()
            if number is not None:
                marks.append(number)
                unmarked = 0
            assert marks, "the client is never left without a mark to answer"
            for number in marks:
                assert window.answered(number)
            marks.clear()
            assert window.fits(size)
        number = window.sent(size)
        unmarked = 0 if number is not None else unmarked + size
        assert unmarked < MARK_BYTES
        if number is not None:
            marks.append(number)


def test_an_answer_counts_once() -> None:
    window = Window()
    number = window.sent(MARK_BYTES)
    assert number == 1
    assert window.answered(1)
    assert not window.answered(1)
    assert not window.answered(2)
    assert window.under_way == 0
