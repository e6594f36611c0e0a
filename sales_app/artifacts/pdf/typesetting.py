"""Typst sets the page. It is handed the document as data beside a template of ours, so no text can become a command."""

import json
from datetime import date
from pathlib import Path

import typst

from sales_app.artifacts.brand.kit import KIT
from sales_app.artifacts.errors import NoPdf
from sales_app.artifacts.pdf.parts import parts_of
from sales_app.artifacts.rendering.page import Audience
from sales_app.documents import Document

HERE = Path(__file__).parent
FONTS = HERE / "fonts"


def typeset(document: Document, *, audience: Audience, day: date) -> bytes:
    """PDF. ``day`` is written on it, and by it sources are stale. Raises NoPdf.

    The fonts are those of ``fonts/``; for writings that they lack, such as Chinese, the system's, where it has any.
    """
    given = parts_of(document, audience=audience, day=day)
    inputs = {
        "document": json.dumps(given),
        "brand": json.dumps({"name": KIT.name, "font": KIT.print_font, "colours": KIT.light}),
    }
    try:
        made: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs leave a type open
            (HERE / "template.typ").read_bytes(),
            root=HERE,
            font_paths=[FONTS],
            sys_inputs=inputs,
            format="pdf",
        )
    except typst.TypstError as problem:
        raise NoPdf(
            f"This could not be set as PDF ({problem.message[:120]}). Print the page instead."
        ) from None
    return made
