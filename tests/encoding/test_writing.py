"""Lines written into a folder: at the right place, once, and nothing else moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.documents.outline import outline_of
from sales_app.encoding.writing import SECTIONS, Entry, marked_in, shown, write
from sales_app.skills.text import FILE, parse

HEAD = "---\nname: call-prep\ndescription: Prepares a call.\n---\n"
BODY = "# Call prep\n\nText.\n\n## Outline\n\n1. **On the call** - `attendee`, at most 6. Who.\n"


def line(key: str, text: str | None = "Ask what it costs.") -> Entry:
    return Entry(source="calls", key=key, text=text)


def text_of(body: str, *entries: Entry) -> str:
    return write({FILE: (HEAD + body).encode()}, entries, {})[FILE].decode()


def test_a_section_in_front_of_the_outline() -> None:
    written = text_of(BODY, line("a"), line("b", "Say it back."))
    assert written == HEAD + (
        "# Call prep\n\nText.\n\n## What won deals have in common\n\n"
        "- Ask what it costs. <!-- from-calls:a -->\n- Say it back. <!-- from-calls:b -->\n\n"
        "## Outline\n\n1. **On the call** - `attendee`, at most 6. Who.\n"
    )
    assert outline_of(parse(written.encode()).body) == outline_of(BODY)


def test_at_the_end_without_an_outline() -> None:
    assert text_of("Text.\n", line("a")) == HEAD + (
        "Text.\n\n## What won deals have in common\n\n- Ask what it costs. <!-- from-calls:a -->\n"
    )


def test_a_second_comparison_replaces_and_removes() -> None:
    first = write({FILE: (HEAD + BODY).encode()}, [line("a"), line("b")], {})
    second = write(first, [line("a", "Better."), line("b", None), line("c", "New.")], {})
    assert marked_in(second[FILE]) == {
        "a": "- Better. <!-- from-calls:a -->",
        "c": "- New. <!-- from-calls:c -->",
    }
    assert shown(marked_in(second[FILE])["a"]) == "Better."
    assert second[FILE].decode().count(SECTIONS["calls"]) == 1


def test_other_files_and_line_ends_stay() -> None:
    raw = ("\ufeff" + HEAD + BODY).replace("\n", "\r\n").encode()
    written = write({FILE: raw, "logo.png": b"\x89\n"}, [line("a")], {"reference/from.md": "A\nB\n"})
    assert written["logo.png"] == b"\x89\n" and written["reference/from.md"] == b"A\r\nB\r\n"
    kept = written[FILE].decode().split("\r\n")
    assert not any("\n" in each for each in kept)
    assert [each for each in kept if "from-calls" not in each and each != SECTIONS["calls"] and each] == [
        each for each in raw.decode().split("\r\n") if each
    ]


@given(
    st.text(alphabet="ab#-*1. `\n", max_size=200),
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["One.", "Two.", None])), max_size=6),
)
def test_what_people_wrote_is_never_lost(body: str, changes: list[tuple[str, str | None]]) -> None:
    written = text_of(body, *(line(key, text) for key, text in changes))
    ours = [each for each in written.split("\n") if "from-calls:" in each]
    rest = [
        each
        for each in written.split("\n")
        if each.strip() and each not in ours and each != SECTIONS["calls"]
    ]
    assert rest == [each for each in (HEAD + body).split("\n") if each.strip()]
    wanted: dict[str, str] = {}
    for key, text in changes:
        wanted.pop(key, None) if text is None else wanted.__setitem__(key, text)
    assert {key: shown(text) for key, text in marked_in(written.encode()).items()} == wanted


@pytest.mark.parametrize("key", ["cost_in_numbers", "decision_path"])
def test_the_model_reads_no_mark_as_text(key: str) -> None:
    assert "from-calls" not in shown(f"- Ask. <!-- from-calls:{key} -->")
