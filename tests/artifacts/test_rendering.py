"""Pages: every kind, whatever the texts hold; doubt is visible, sources are footnotes, outsiders see none of ours."""

import copy
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from sales_app.artifacts.brand import problems
from sales_app.artifacts.rendering import KINDS, RENDERERS, render
from sales_app.artifacts.rendering.calculator import calculator_of
from sales_app.artifacts.rendering.proposal import quote_of
from sales_app.documents import Block, Section
from tests.artifacts import samples

DAY = date(2026, 11, 24)


class Tags(HTMLParser):
    """What a browser would make of it: elements with their attributes, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._raw = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def test_every_kind_has_a_page() -> None:
    assert set(RENDERERS) == set(KINDS) == set(samples.TITLES)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("audience", ["inside", "outside"])
def test_a_page_keeps_to_the_kit_and_loads_nothing(kind: str, audience: str) -> None:
    html = render(samples.document(kind), today=DAY, audience=audience)  # type: ignore[arg-type]
    assert problems(html) == []
    page = Tags(html)
    assert {tag for tag, _ in page.tags} & {
        "link",
        "img",
        "iframe",
        "form",
        "base",
        "object",
        "embed",
    } == set()
    assert all("src" not in attrs for _, attrs in page.tags)
    assert "Jürgen Weiß" in page.text and "Łódź" in page.text


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("audience", ["inside", "outside"])
def test_nasty_texts_stay_texts(kind: str, audience: str) -> None:
    html = render(samples.nasty(kind), today=DAY, audience=audience)  # type: ignore[arg-type]
    page = Tags(html)
    plain = Tags(render(samples.document(kind), today=DAY, audience=audience))  # type: ignore[arg-type]
    # Nothing of a text became an element or a script.
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {
        "em",
        "strong",
        "code",
        "a",
        "b",
        "h3",
        "tfoot",
    }
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert sum(tag == "style" for tag, _ in page.tags) == 1
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name in {"style", "src"}]
        if tag == "a":
            assert re.match(r"#|/(?![/\\])|https?://", attrs["href"] or "")
    assert problems(html) == []
    assert "<script>parent.postMessage" in page.text


@pytest.mark.parametrize(
    "data",
    [None, [], 3, "x", {"rows": 1}, {"lines": [None, 3]}, {"inputs": [{}], "outputs": [[]]}, {"steps": "x"}],
)
@pytest.mark.parametrize("kind", ["battle-card", "roi-calculator", "proposal", "workflow-demo"])
def test_data_of_another_shape_leaves_the_sections(kind: str, data: object) -> None:
    given = {"matrix": data, "objections": data, "calculator": data, "quote": data, "workflow": data}
    page = Tags(render(samples.document(kind, data=given), today=DAY))
    assert "On the call" in page.text


def test_doubt_is_visible_and_says_why() -> None:
    inside = Tags(render(samples.document(), today=DAY)).text
    assert "They decide by Q2.2 no source found: no date in the deal" in inside
    outside = Tags(render(samples.document(), today=DAY, audience="outside")).text
    assert "They decide by Q2. not confirmed" in outside
    assert "no date in the deal" not in outside


def test_sources_are_footnotes_with_day_and_quote() -> None:
    html = render(samples.document(), today=DAY)
    assert (
        '<a href="/sources/calls/1/" target="_blank" rel="noopener noreferrer">Call with Jürgen Weiß, part 1</a>'
        in html
    )
    text = Tags(html).text
    assert "Sources" in text
    assert "Call with Jürgen Weiß, part 3 2 May 2026stale" in text.replace(" stale", "stale")
    assert text.count("stale") == 1
    assert "We need the security review before the board meets in March." in text


@pytest.mark.parametrize("audience", ["inside", "outside"])
def test_an_assumed_number_says_so(audience: str) -> None:
    calculator = copy.deepcopy(samples.DATA["roi-calculator"])
    said = Tags(
        render(samples.document("roi-calculator", data=calculator), today=DAY, audience=audience)
    ).text
    assert "assumed: put in your own" not in said
    calculator["calculator"]["inputs"][0]["assumed"] = True
    said = Tags(
        render(samples.document("roi-calculator", data=calculator), today=DAY, audience=audience)
    ).text
    assert said.count("assumed: put in your own") == 1


def test_outsiders_see_neither_our_records_nor_our_gaps() -> None:
    for kind in KINDS:
        html = render(samples.document(kind), today=DAY, audience="outside")
        shown = html[html.index("<body") : html.index("<script")]
        for ours in (
            "/sources/",
            "/deals/",
            "Sources",
            "for Mia Novák",
            "part 1",
            "could not be reached",
            "Open the deal",
            "data-ask",
            "Price policy",
        ):
            assert ours not in shown, (kind, ours)


def test_actions_can_be_done_from_the_page() -> None:
    html = render(samples.document(), today=DAY)
    assert 'data-ask="Draft the mail with the security pack to Jürgen Weiß"' in html
    assert '<a href="/deals/2/" target="_blank" rel="noopener noreferrer">Open the deal</a>' in html


def test_lists_in_lists_and_numbers_to_the_right() -> None:
    html = render(samples.document(), today=DAY)
    assert re.search(r"USD 90,000\..*?<ul><li>Two sites", html)
    assert '<th scope="col" class="number">Deals</th>' in html
    assert '<th scope="col">Stage</th>' in html


def test_a_long_section_goes_on_on_another_slide() -> None:
    blocks = tuple(Block(kind="item", text=f"Point {number}") for number in range(13))
    html = render(samples.document("deck", sections=(Section(title="Points", blocks=blocks),)), today=DAY)
    assert html.count('<div class="slide') == 4
    assert html.count("Points (continued)") == 2


def test_the_calculator_computes_what_its_page_will() -> None:
    found = calculator_of(samples.DATA["roi-calculator"]["calculator"])
    assert found is not None
    assert found.results() == {
        "saving": 276_000.0,
        "cost": 23_520.0,
        "payback": pytest.approx(1.0226, abs=1e-4),
        "roi": pytest.approx(1073.469, abs=1e-3),
    }
    text = Tags(render(samples.document("roi-calculator"), today=DAY)).text
    assert "USD 276,000" in text and "1.0 months" in text and "1,073%" in text


def test_a_formula_without_a_number_shows_a_dash() -> None:
    given = {
        "calculator": {
            "inputs": [{"id": "a", "value": 0}],
            "outputs": [{"id": "o", "label": "O", "formula": "1 / a"}],
        }
    }
    assert "<dd" in (html := render(samples.document("roi-calculator", data=given), today=DAY))
    assert re.search(r'data-output="o"[^>]*>–</dd>', html)


def test_a_proposal_that_does_not_add_up_says_so() -> None:
    quote = samples.DATA["proposal"]["quote"]
    good = quote_of(quote)
    assert good is not None and good.adds_up
    assert "do not add up" not in render(samples.document("proposal"), today=DAY)
    wrong = render(samples.document("proposal", data={"quote": {**quote, "total": "22968.01"}}), today=DAY)
    assert "The lines do not add up to the total" in wrong


def test_a_proposal_after_its_day_says_so() -> None:
    assert "no longer valid" not in render(samples.document("proposal"), today=date(2026, 12, 31))
    assert "no longer valid" in render(samples.document("proposal"), today=date(2027, 1, 1))


def test_a_kind_nobody_knows_is_readable() -> None:
    html = render(replace(samples.document(), kind='x" onload="alert(1)'), today=DAY)
    assert "On the call" in html and problems(html) == []
