"""How pages sound: without words that say nothing, and without exclamation marks. What others said stays as they said it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from sales_app.artifacts.brand.kit import KIT
from sales_app.documents import Block, Document

WORDS = "|".join(re.escape(word).replace(r"\-", r"[-\s\u2010\u2011]") for word in KIT.banned)
BANNED = re.compile(rf"\b(?:{WORDS})\b", re.IGNORECASE)
# With the article before it, which has to fit what follows.
IN_PLACE = re.compile(rf"(?:\b(?P<article>an?)\s+)?(?P<word>\b(?:{WORDS})\b)[ \t]*", re.IGNORECASE)
MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*_`]+|\\(?=[^\w\s])|\u00ad")


def in_voice(document: Document) -> Document:
    """The document without banned words in what a model wrote. A word that a cited fact uses is somebody's own."""
    sections = tuple(
        replace(
            section,
            title=plainer(section.title),
            header=tuple(plainer(title) for title in section.header),
            blocks=tuple(_block(block, document) for block in section.blocks),
        )
        for section in document.sections
    )
    return replace(document, sections=sections)


def is_said(text: str, sources: Iterable[str]) -> bool:
    """Whether the banned words of ``text`` stand in its sources as well."""
    there = " ".join(sources).casefold()
    return all(found[0].casefold() in there for found in BANNED.finditer(text))


def words_behind(block: Block, document: Document) -> list[str]:
    """What the facts say on which a statement rests."""
    facts = [fact for name in block.cites if (fact := document.fact(name))]
    told = [text for fact in facts for text in (fact.text, *(source.quote for source in fact.sources))]
    return [*told, *map(_bare, told)]


def _block(block: Block, document: Document) -> Block:
    if block.kind in {"quote", "note"}:
        return block
    behind = words_behind(block, document)
    return replace(
        block, text=plainer(block.text, behind), cells=tuple(plainer(cell, behind) for cell in block.cells)
    )


def _bare(text: str) -> str:
    return MARKS.sub(lambda found: found[1] or "", text)


def _whole(text: str) -> str:
    """A word that marks divide ("seam**less**") is one to readers; then the text goes without its marks."""
    bare = _bare(text)
    return bare if len(BANNED.findall(bare)) > len(BANNED.findall(text)) else text


def plainer(text: str, behind: Iterable[str] = ()) -> str:
    sources = list(behind)
    text = _whole(text)
    if "!" in text and not any("!" in source for source in sources):
        text = re.sub(r"!+(?=\s|$|[\"'”’)*_])", ".", text)
    if not BANNED.search(text):
        return text

    def left_out(found: re.Match[str]) -> str:
        if is_said(found["word"], sources):
            return found[0]
        article = found["article"]
        if not article:
            return ""
        vowel = text[found.end() : found.end() + 1].lower() in set("aeio")
        return f"{article[0]}{'n' if vowel else ''} "

    kept = IN_PLACE.sub(left_out, text)
    if kept == text:
        return text
    kept = re.sub(r"\*\*\s*\*\*", "", kept)
    kept = re.sub(r"\(\s*\)|,\s*(?=,)|(?<=\w ),\s+", "", re.sub(r"[ \t]{2,}", " ", kept))
    kept = re.sub(r"\s+([,.;:?!)])", r"\1", kept).strip()
    return kept[:1].upper() + kept[1:] if text[:1].isupper() else kept
