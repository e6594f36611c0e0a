"""From the bytes of a file to its rows. What is wrong with the file as a whole is said before any row is checked."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from sales_app.crm.imports.formulas import unescape

MAX_BYTES = 10 * 1024**2
MAX_ROWS = 20_000
MAX_COLUMNS = 60
DELIMITERS = ",;\t|"


class FileRefused(Exception):
    """``code`` is stable; ``message`` says what is wrong and ``fix`` what to do."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.code, self.message, self.fix = code, message, fix


@dataclass(frozen=True, kw_only=True)
class Line:
    number: int  # where the row begins; a quoted cell may span several lines
    cells: dict[str, str]
    surplus: int  # cells beyond the last heading


def read(data: bytes, *, known: list[str], required: tuple[str, ...]) -> list[Line]:
    """The rows, empty ones left out. Raises ``FileRefused``."""
    text = decode(data)
    headings, rows = _split(text)
    _check_headings(headings, known, required)
    lines: list[Line] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) >= MAX_ROWS:
            raise FileRefused(
                "too_many_rows",
                f"The file has more than {MAX_ROWS:,} rows.",
                "Split it and import the parts one after the other.",
            )
        padded = cells + [""] * (len(headings) - len(cells))
        values = {
            heading: unescape(cell.strip())
            for heading, cell in zip(headings, padded, strict=False)
            if heading
        }
        surplus = sum(1 for cell in cells[len(headings) :] if cell.strip())
        lines.append(Line(number=number, cells=values, surplus=surplus))
    if not lines:
        raise FileRefused(
            "no_rows", "The file has headings but no rows.", "Add a row below them for each record."
        )
    return lines


def decode(data: bytes) -> str:
    if not data.strip():
        raise FileRefused("empty", "The file is empty.", "Choose another file, or start from the template.")
    if len(data) > MAX_BYTES:
        raise FileRefused(
            "too_large", f"The file has {len(data) / 1024**2:.1f} MiB.", "Split it: at most 10 MiB at a time."
        )
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused(
            "spreadsheet", "This is a spreadsheet, not a CSV.", "Save it as CSV (UTF-8) and choose that file."
        )
    text = _decoded(data)
    if "\0" in text:
        raise FileRefused("binary", "The file holds binary data.", "Choose a CSV file.")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            "encoding",
            f"Line {line} holds a character that is not UTF-8.",
            "Save the file as CSV UTF-8 (in Excel: the format \u201cCSV UTF-8\u201d).",
        ) from None


def _split(text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _numbered(reader)
    for _, cells in rows:
        if any(cell.strip() for cell in cells):
            return [cell.strip().lower().replace(" ", "_") for cell in cells], rows
    raise FileRefused("empty", "The file is empty.", "Choose another file, or start from the template.")


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    while True:
        number = reader.line_num + 1  # type: ignore[attr-defined]  # csv.reader has it
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(
                "malformed",
                f"The row that begins on line {number} cannot be read: {error}.",
                "Look for a quotation mark that is opened and never closed, or one inside a cell "
                '(write it twice: "").',
            ) from None
        yield number, cells


def _check_headings(headings: list[str], known: list[str], required: tuple[str, ...]) -> None:
    if len(headings) > MAX_COLUMNS:
        raise FileRefused(
            "too_many_columns",
            f"The file has {len(headings)} columns; {MAX_COLUMNS} are allowed.",
            "Keep those of the template.",
        )
    names = [heading for heading in headings if heading]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileRefused(
            "column_twice", f"Twice in the first line: {', '.join(twice)}.", "Keep one of each."
        )
    unknown = [name for name in names if name not in known]
    if unknown:
        raise FileRefused(
            "unknown_column",
            f"Unknown columns: {', '.join(name[:40] for name in unknown[:10])}.",
            f"Rename or remove them. Known are: {', '.join(known)}.",
        )
    missing = [name for name in required if name not in names]
    if missing and "external_id" not in names:
        raise FileRefused(
            "missing_column",
            f"Missing columns: {', '.join(missing)}.",
            "Add them; the template has all. (A file that only changes records needs external_id.)",
        )
