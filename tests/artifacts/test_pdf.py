"""PDF: opens, holds the words, umlauts and page numbers; long tables keep their heads; made once; long ones by a worker."""

import io
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from sales_app.artifacts import tasks
from sales_app.artifacts.errors import NoPdf
from sales_app.artifacts.models import ArtifactPdf
from sales_app.artifacts.pdf import is_heavy, make_pdf, pdf_of, typeset
from sales_app.artifacts.pdf import making as pdf_making
from sales_app.artifacts.rendering import KINDS
from sales_app.documents import Block, Section
from tests.artifacts import samples
from tests.artifacts.conftest import Made

DAY = date(2026, 11, 24)


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind(kind: str) -> None:
    content = typeset(samples.document(kind), audience="inside", day=DAY)
    text = words(content)
    assert samples.TITLES[kind] in text
    assert "Jürgen Weiß" in text and "Łódź" in text
    assert "no source found" in text and "no date in the deal" in text
    assert "Sources" in text and "2026 stale" in text
    fonts = {str(font["/BaseFont"]) for page in read(content).pages for font in _fonts(page)}
    assert fonts and all("Inter" in font or "DejaVu" in font for font in fonts), fonts


def _fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nasty_texts_stay_texts(kind: str) -> None:
    document = samples.nasty(kind)
    document = samples.document(
        kind,
        title='#panic() $x$ *b* _i_ @ref <lab> \\ #read("/etc/passwd")',
        sections=document.sections,
        facts=document.facts,
        data=document.data,
    )
    content = typeset(document, audience="inside", day=DAY)
    said = "".join(words(content).split())
    assert "".join('#panic() $x$ *b* _i_ @ref <lab> \\ #read("/etc/passwd")'.split()) in said
    assert "<script>parent.postMessage('x','*')</script>" in said
    links = [
        note.get_object()["/A"].get("/URI", "")
        for page in read(content).pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    ]
    assert links and all(str(link).startswith("https://") for link in links)


def test_outsiders_get_none_of_ours() -> None:
    text = words(typeset(samples.document("proposal"), audience="outside", day=DAY))
    assert "Sources" not in text and "could not be reached" not in text and "Price policy" not in text
    assert "They decide by Q2. not confirmed" in text
    assert "Team plan, 40 seats, 12 months" in text and "USD 22,968.00" in text and "−2,352.00" in text


def test_a_long_table_goes_over_pages_with_its_head_and_numbers() -> None:
    rows = tuple(
        Block(kind="row", cells=(f"Kunde {number} Größe", str(number), f"USD {number:,}"))
        for number in range(300)
    )
    section = Section(title="Alle", header=("Kunde", "Nummer", "Wert"), blocks=rows)
    pages = read(typeset(samples.document(sections=(section,)), audience="inside", day=DAY)).pages
    texts = [page.extract_text() for page in pages]
    assert len(pages) > 5
    for number, text in enumerate(texts[: len(texts) - 1], 1):
        assert "Nummer" in text
        assert f"{number} of {len(pages)}" in text
    everything = "\n".join(texts)
    assert all(f"Kunde {number} Größe" in everything for number in range(300))


def test_a_slide_is_a_page() -> None:
    pages = read(typeset(samples.document("deck"), audience="outside", day=DAY)).pages
    assert len(pages) == 4  # title, and three sections: the one of notes is not for outsiders
    assert float(pages[0].mediabox.width) > float(pages[0].mediabox.height)
    assert "1 of" not in pages[0].extract_text()


def test_made_once(made: Made) -> None:
    version = made("brief")
    assert pdf_of(version, "inside") is None
    first = make_pdf(version, "inside")
    assert make_pdf(version, "inside") == first == pdf_of(version, "inside")
    make_pdf(version, "outside")
    assert ArtifactPdf.objects.filter(version=version).count() == 2


def test_a_failure_is_told_and_kept(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> bytes:
        raise NoPdf("This could not be set as PDF.")

    version = made("brief")
    monkeypatch.setattr(pdf_making, "typeset", fail)
    for _ in range(2):
        with pytest.raises(NoPdf, match="could not be set"):
            make_pdf(version, "inside")
    assert ArtifactPdf.objects.get().error
    tasks.typeset(version_id=version.pk, audience="inside")


def test_what_is_long_is_for_a_worker(made: Made) -> None:
    assert not is_heavy(made("brief"))
    rows = tuple(Block(kind="row", cells=("x" * 400, str(number))) for number in range(1000))
    version = made(document=samples.document(sections=(Section(title="Long", blocks=rows),)))
    assert is_heavy(version)
    tasks.typeset(version_id=version.pk, audience="outside")
    assert pdf_of(version, "outside")
    tasks.typeset(version_id=0, audience="outside")
