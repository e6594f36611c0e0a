"""From the Markdown that a model wrote under an outline to a document.

A model's text is taken for what it says, never for what it would load or run: pictures become their words, and a link stays
one only when it leads to a page here or to an address that a cited source holds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sales_app.documents.document import Block, BlockKind, Document, Json, Section
from sales_app.documents.outline import Part
from sales_app.documents.writing import is_own
from sales_app.facts import Fact

# What a model writes for a part without facts. Only these words are taken for a note, which needs no source.
NOTHING = "Nothing found."
OPENING = "In short"

CHARACTERS_MAX = 60_000
BLOCKS_MAX = 500
INDENT_MAX = 3
TITLE_MAX = 120

HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
ITEM = re.compile(r"^(?P<space>\s*)(?:(?P<bullet>[-*+])|(?P<number>\d{1,3})[.)])\s+(?P<text>\S.*)$")
ROW = re.compile(r"^\s*\|(.*)\|\s*$")
RULE_ROW = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
FENCE = re.compile(r"^\s*(?:```|~~~)")
RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
# [f3], [f3, f4], [f3; f4] and (f3); several in a row are several groups.
CITED = re.compile(r"\s*(?:\[\s*(f\d+(?:\s*[,;]\s*f\d+)*)\s*\](?!\()|\(\s*(f\d+(?:\s*[,;]\s*f\d+)*)\s*\))")
IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)>?(?:\s+[^)]*)?\)")
BARE_URL = re.compile(r"<?\b(?:https?://|www\.)[^\s<>()\]]+>?")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
ENDS = re.compile(r"[.!?:…][\"”')*_]*$")


def read_document(
    markdown: str,
    *,
    kind: str,
    title: str,
    subtitle: str = "",
    outline: Sequence[Part] = (),
    facts: Sequence[Fact] = (),
    data: Json | None = None,
) -> Document:
    """Sections in the order of the outline, those that it does not name behind them. ``data`` is put in as it is.

    A citation of a fact that there is not stays: the claim checker says so.
    """
    known = {fact.id: fact for fact in facts}
    sections = [_section(heading, lines, known, outline) for heading, lines in _cut(markdown)]
    sections = _in_order([section for section in _answering(sections) if section.blocks], outline)
    return Document(
        kind=kind,
        title=title,
        subtitle=subtitle,
        sections=tuple(_bounded(sections)),
        facts=tuple(facts),
        data=data or {},
    )


def _answering(sections: list[Section]) -> list[Section]:
    """Without the words that models say before they begin: what stands above the first heading and cites nothing."""
    opening, *rest = sections
    if not any(section.blocks for section in rest):
        return sections
    return [replace(opening, blocks=tuple(block for block in opening.blocks if block.cites)), *rest]


def _cut(markdown: str) -> Iterator[tuple[str, list[str]]]:
    heading, lines = "", list[str]()
    for line in markdown[:CHARACTERS_MAX].replace("\r\n", "\n").replace("\0", "").split("\n"):
        found = HEADING.match(line)
        if found and len(found[1]) <= 2:
            yield heading, lines
            heading, lines = _plain(found[2]), []
        elif found:  # a heading inside a section is a line of its own
            lines += ["", f"**{_plain(found[2])}**", ""]
        elif not FENCE.match(line) and not RULE.match(line):
            lines.append(line)
    yield heading, lines


def _plain(title: str) -> str:
    title = CITED.sub("", title)
    return re.sub(r"[*_`]+", "", TAG.sub("", title)).strip(" :.")[:TITLE_MAX]


def _key(title: str) -> str:
    return " ".join(re.sub(r"[^\w ]+", " ", title.lower()).split())


def _part_of(title: str, outline: Sequence[Part]) -> Part | None:
    return next(
        (part for part in outline if _key(part.title) == _key(re.sub(r"^\d+[.)]\s*", "", title))), None
    )


def _section(heading: str, lines: list[str], known: dict[str, Fact], outline: Sequence[Part]) -> Section:
    part = _part_of(heading, outline)
    table, rest = _table(lines)
    blocks = [block for raw in _blocks(rest) for block in _statements(raw, known)]
    rows = [_row(cells, known) for cells in table[1:]]
    return Section(
        title=part.title if part else heading or OPENING,
        header=tuple(_words(cell, known) for cell in table[0]) if table else (),
        blocks=(*blocks, *rows),
    )


def _in_order(sections: list[Section], outline: Sequence[Part]) -> list[Section]:
    """Two sections of one title become one."""
    merged: dict[str, Section] = {}
    for section in sections:
        before = merged.get(section.title)
        merged[section.title] = (
            section
            if before is None
            else replace(
                before, blocks=before.blocks + section.blocks, header=before.header or section.header
            )
        )
    place = {part.title: number for number, part in enumerate(outline)}
    opening = -1 if outline else 0
    return sorted(
        merged.values(),
        key=lambda section: place.get(section.title, opening if section.title == OPENING else len(place)),
    )


def _bounded(sections: list[Section]) -> Iterator[Section]:
    left = BLOCKS_MAX
    for section in sections:
        if left <= 0:
            return
        yield replace(section, blocks=section.blocks[:left])
        left -= len(section.blocks)


def _table(lines: list[str]) -> tuple[list[list[str]], list[str]]:
    """The section's first table, header first, and the lines without it. Further tables join it when they are as wide."""
    table: list[list[str]] = []
    rest: list[str] = []
    for at, line in enumerate(lines):
        found = ROW.match(line)
        if not found:
            rest.append(line)
            continue
        if RULE_ROW.match(line):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", found[1])]
        opens = at + 1 < len(lines) and bool(RULE_ROW.match(lines[at + 1]))
        if table and not (opens and len(cells) == len(table[0])):
            table.append((cells + [""] * len(table[0]))[: len(table[0])])
        elif not table:
            table.append(cells)
    return table, rest


def _row(cells: list[str], known: dict[str, Fact]) -> Block:
    cites = _cites(" ".join(cells))
    return Block(kind="row", cells=tuple(_words(cell, known, cites) for cell in cells), cites=cites)


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Paragraphs, items and quotes with their citations still in the text."""
    open_block: Block | None = None
    for line in [*lines, ""]:
        item = ITEM.match(line)
        if item:
            if open_block:
                yield open_block
            indent = len(item["space"].replace("\t", "    "))
            kind: BlockKind = "action" if item["number"] else "item"
            open_block = Block(
                kind=kind,
                text=item["text"].strip(),
                indent=min(indent // 2 if indent < 4 else indent // 3, INDENT_MAX),
            )
        elif not line.strip():
            if open_block:
                yield open_block
            open_block = None
        elif line.lstrip().startswith(">"):
            said = line.lstrip().lstrip(">").strip()
            if open_block and open_block.kind == "quote":
                open_block = replace(open_block, text=f"{open_block.text} {said}".strip())
                continue
            if open_block:
                yield open_block
            open_block = Block(kind="quote", text=said)
        elif open_block:
            open_block = replace(open_block, text=f"{open_block.text} {line.strip()}")
        else:
            open_block = Block(kind="text", text=line.strip())


def _statements(raw: Block, known: dict[str, Fact]) -> Iterator[Block]:
    """A paragraph is cut behind each sentence that ends with citations, so that each statement answers for itself."""
    if raw.text.strip(" *_.") == NOTHING.strip("."):
        yield Block(kind="note", text=NOTHING)
        return
    for text in _sentences(raw.text) if raw.kind == "text" else [raw.text]:
        cites = _cites(text)
        words = _words(text, known, cites)
        if words:
            yield replace(raw, text=words, cites=cites)


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    start = 0
    for match in re.finditer(rf"(?:{CITED.pattern})+[.!?]?", text):
        head = CITED.sub("", text[start : match.start()]).rstrip()
        ended = match[0].endswith((".", "!", "?")) or bool(ENDS.search(head))
        if ended and text[match.end() :].strip():
            found.append(text[start : match.end()])
            start = match.end()
    return [*found, text[start:]]


def _cites(text: str) -> tuple[str, ...]:
    named = [name for match in CITED.finditer(text) for name in re.findall(r"f\d+", match[0])]
    return tuple(dict.fromkeys(named))


def _words(text: str, known: dict[str, Fact], cites: Sequence[str] = ()) -> str:
    """Without citations, pictures, markup and links to where nothing of ours or of the sources is."""
    facts = [known[name] for name in cites if name in known]
    allowed = "\n".join(
        [fact.text for fact in facts]
        + [f"{source.url}\n{source.quote}" for fact in facts for source in fact.sources]
    )

    def link(match: re.Match[str]) -> str:
        label, address = match[1].strip(), match[2]
        named = bool(address) and address.startswith(("https://", "http://")) and address in allowed
        return f"[{label}]({address})" if is_own(address) or named else label

    def bare(match: re.Match[str]) -> str:
        # The address of a link that was kept is not a bare one.
        if text_now[max(0, match.start() - 2) : match.start()] == "](":
            return match[0]
        address = match[0].strip("<>").rstrip(".,;:!?")
        return match[0] if address in allowed else "(link left out)"

    text_now = TAG.sub("", LINK.sub(link, IMAGE.sub(r"\1", CITED.sub("", text))))
    text_now = BARE_URL.sub(bare, text_now)
    return " ".join(text_now.split()).replace(" .", ".").replace(" ,", ",").strip()
