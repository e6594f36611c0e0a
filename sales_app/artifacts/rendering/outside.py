"""What of a document people outside may read: no section that was written for us, and no note, which is our own gap or warning."""

from dataclasses import replace

from sales_app.documents import Document

# Facts for us alone, in whatever section they are told: a skill's outline can be edited, and a model may misplace one.
PRIVATE = frozenset({"asset_choice", "proposal_refused"})


def for_outside(document: Document) -> Document:
    """``data["internal"]`` are the titles of sections for us, such as why this was made and what could not be read."""
    given = document.data.get("internal")
    internal = {str(title) for title in given} if isinstance(given, list | tuple) else set()
    private = {fact.id for fact in document.facts if fact.kind in PRIVATE}
    told = (
        replace(
            section,
            blocks=tuple(
                block for block in section.blocks if block.kind != "note" and not private & set(block.cites)
            ),
        )
        for section in document.sections
        if section.title not in internal
    )
    sections = tuple(section for section in told if section.blocks)
    # A subtitle ends with whom of us it was made for: customers would read that it is meant for one of us.
    return replace(document, subtitle=document.subtitle.partition(", for ")[0], sections=sections)
