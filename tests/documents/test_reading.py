"""Markdown that a model wrote becomes statements with citations, and nothing that loads or runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.documents import Block, Document, document_from_json
from sales_app.documents.outline import outline_of
from sales_app.documents.reading import BLOCKS_MAX, read_document
from sales_app.documents.writing import to_markdown
from sales_app.facts import Fact, Source

OUTLINE = outline_of(
    "## Outline\n1. **People** - `a`\n2. **What is open** - `b`, at most 3\n3. **Next** - `c`"
)


def source(ref: str = "1", **more: Any) -> Source:
    values: dict[str, Any] = {
        "category": "crm",
        "provider": "t",
        "ref": ref,
        "label": f"Record {ref}",
        "as_of": "2026-11-20",
        "url": f"/sources/crm/{ref}/",
    }
    return Source(**(values | more))


FACTS = (
    Fact(kind="a", id="f1", text="Acme has 40 seats.", sources=(source(),)),
    Fact(kind="a", id="f2", text="It renewed in May, see https://acme.example/news.", sources=(source("2"),)),
)


def read(text: str, **more: Any) -> Document:
    return read_document(text, kind="brief", title="T", outline=OUTLINE, facts=FACTS, **more)


def blocks(text: str) -> list[Block]:
    return [block for section in read(text).sections for block in section.blocks]


def test_sections_stand_in_the_outline_s_order_and_spelling() -> None:
    document = read("## next\nDo it [f1]\n## Extra\nMore [f1]\n# 1. PEOPLE:\nSome [f1]\n## next\nAgain [f2]")
    assert [section.title for section in document.sections] == ["People", "Next", "Extra"]
    assert [block.text for block in document.sections[1].blocks] == ["Do it", "Again"]


def test_words_before_the_first_title_are_dropped_unless_they_cite() -> None:
    document = read("Here is your brief:\n\nAcme renewed. [f2]\n\n## People\n- Some [f1]")
    assert [(section.title, len(section.blocks)) for section in document.sections] == [
        ("In short", 1),
        ("People", 1),
    ]
    # Without any title it is all there is.
    assert read("Just a sentence.").sections[0].blocks[0].text == "Just a sentence."


@pytest.mark.parametrize(
    ("text", "words", "cites"),
    [
        ("Acme has 40 seats [f1].", "Acme has 40 seats.", ("f1",)),
        ("Acme has 40 seats. [f1]", "Acme has 40 seats.", ("f1",)),
        ("Acme has 40 seats [f1, f2] .", "Acme has 40 seats.", ("f1", "f2")),
        ("Acme has 40 seats [f1][f2]", "Acme has 40 seats", ("f1", "f2")),
        ("Acme (f1) has 40 seats [f1]", "Acme has 40 seats", ("f1",)),
        ("A claim [f99]", "A claim", ("f99",)),  # the checker says that there is none
        ("A claim [1]", "A claim [1]", ()),
        ("Seats [F1]", "Seats [F1]", ()),
    ],
)
def test_citations(text: str, words: str, cites: tuple[str, ...]) -> None:
    (block,) = blocks(f"## People\n- {text}")
    assert (block.text, block.cites) == (words, cites)


def test_a_paragraph_is_cut_behind_cited_sentences() -> None:
    text = "## People\nAcme has 40 seats [f1] and renewed [f2]. It is in May [f2]. Nobody knows why."
    assert [(block.text, block.cites) for block in blocks(text)] == [
        ("Acme has 40 seats and renewed.", ("f1", "f2")),
        ("It is in May.", ("f2",)),
        ("Nobody knows why.", ()),
    ]


def test_lists_quotes_and_tables() -> None:
    text = """## People
1. First [f1]
   - inner [f2]
2. Second [f2]
   goes on

> Said so
> twice [f1]

| Who | What |
|:--|--:|
| Cleo [f1] | a \\| b |
| Dan |
"""
    found = read(text).sections[0]
    assert [(b.kind, b.text, b.indent) for b in found.blocks[:4]] == [
        ("action", "First", 0),
        ("item", "inner", 1),
        ("action", "Second goes on", 0),
        ("quote", "Said so twice", 0),
    ]
    assert found.header == ("Who", "What")
    assert [(b.cells, b.cites) for b in found.blocks[4:]] == [(("Cleo", "a | b"), ("f1",)), (("Dan", ""), ())]


def test_nothing_found_is_a_note_and_other_words_are_not() -> None:
    assert [block.kind for block in blocks("## People\nNothing found.\n## Next\n*Nothing found.*")] == [
        "note",
        "note",
    ]
    assert [block.kind for block in blocks("## People\nNothing found, but they will buy.")] == ["text"]
    assert [block.kind for block in blocks("## People\nNote: they will buy.")] == ["text"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![secret](https://evil.example/x.png?q=1) there", "secret there"),
        ("[here](https://evil.example/?q=secret)", "here"),
        ("[here](javascript:alert(1))", "here)"),
        ("[here](//evil.example/a)", "here"),
        ("[Acme](/accounts/1/)", "[Acme](/accounts/1/)"),
        ("see https://evil.example/?q=1.", "see (link left out)"),
        ("<img src=x onerror=alert(1)> hi", "hi"),
        ("<https://evil.example> x", "x"),
        ("[ref]: https://evil.example/x", "[ref]: (link left out)"),
    ],
)
def test_nothing_leads_outside(text: str, words: str) -> None:
    (block,) = blocks(f"## People\n- {text} [f1]")
    assert block.text == words


def test_an_address_of_the_cited_source_stays() -> None:
    (kept,) = blocks("## People\n- [News](https://acme.example/news) [f2]")
    assert kept.text == "[News](https://acme.example/news)"
    (lost,) = blocks("## People\n- [News](https://acme.example/news) [f1]")
    assert lost.text == "News"


def test_it_has_an_end() -> None:
    document = read("## People\n" + "- x [f1]\n" * (BLOCKS_MAX + 50))
    assert sum(len(section.blocks) for section in document.sections) == BLOCKS_MAX


@given(st.text(alphabet=st.sampled_from(list("ab f1[]()#-*|>`~!<\n0.:/\\_")), max_size=300))
def test_any_text_can_be_read_kept_and_written(text: str) -> None:
    document = read(text)
    assert document_from_json(document.as_json()) == document
    written = to_markdown(document)
    assert all(
        block.text.strip() or any(block.cells) or block.kind == "row"
        for s in document.sections
        for block in s.blocks
    )
    assert written == to_markdown(document)


def test_written_with_numbers_for_sources() -> None:
    document = read("## People\n- Acme has 40 seats [f1]\n- It renewed [f2, f1]\n\nSo [f9].")
    assert to_markdown(document) == (
        '## People\n\n- Acme has 40 seats [1](/sources/crm/1/ "Record 1 · 20 Nov 2026")\n'
        '- It renewed [2](/sources/crm/2/ "Record 2 · 20 Nov 2026") [1](/sources/crm/1/ "Record 1 · 20 Nov 2026")\n\nSo.'
    )


@pytest.mark.parametrize(
    ("more", "cite"),
    [
        ({"label": 'A "b" (c)\nd'}, " [1](/sources/crm/1/ \"A 'b' ‹c› d · 20 Nov 2026\")"),
        (
            {"quote": 'She said "a | b"'},
            " [1](/sources/crm/1/ \"Record 1 · 20 Nov 2026 · 'She said 'a ¦ b''\")",
        ),
        ({"url": "https://evil.example/"}, " [1]"),
        ({"url": "//evil.example/"}, " [1]"),
        ({"url": "/a b)"}, " [1]"),
        ({"as_of": "?"}, ' [1](/sources/crm/1/ "Record 1")'),
        ({"label": ""}, " [1](/sources/crm/1/)"),
    ],
)
def test_a_source_s_words_break_no_link(more: dict[str, str], cite: str) -> None:
    fact = Fact(kind="a", id="f1", text="x", sources=(source(**more),))
    document = read_document("## People\n- Yes [f1]", kind="brief", title="T", facts=(fact,))
    assert to_markdown(document).endswith(f"- Yes{cite}")


def test_only_so_many_lines() -> None:
    document = read("## People\n- One [f1]\n- Two [f1]\n## Next\n- Three [f1]")
    assert to_markdown(document, lines=2).count("\n- ") == 2 and "## Next" not in to_markdown(
        document, lines=2
    )
