"""What of a document people outside may read: no section that was written for us, none that holds only notes of ours."""

from dataclasses import replace

from sales_app.documents import Document


def for_outside(document: Document) -> Document:
    """``data["internal"]`` are the titles of sections for us, such as why this was made and what could not be read."""
    given = document.data.get("internal")
    internal = {str(title) for title in given} if isinstance(given, list | tuple) else set()
    sections = tuple(
        section
        for section in document.sections
        if section.title not in internal and any(block.kind != "note" for block in section.blocks)
    )
    return replace(document, sections=sections)
