"""What a skill's text will do, and what in it is likely a mistake, before anybody publishes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sales_app.documents.outline import Part, outline_of
from sales_app.skills.errors import SkillError
from sales_app.skills.text import FILE, SkillText, parse


@dataclass(frozen=True, kw_only=True)
class PartPreview:
    """``unknown`` are fact kinds that no collector makes: nothing will feed them. ``collectors`` are the titles of those that run."""

    part: Part
    unknown: tuple[str, ...]
    collectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """``error`` is why the text cannot be saved, or None; then ``text`` is there."""

    text: SkillText | None
    error: SkillError | None
    parts: tuple[PartPreview, ...] = ()
    warnings: tuple[str, ...] = ()


_kinds: list[Callable[[], Mapping[str, str]]] = []


def on_kinds(kinds: Callable[[], Mapping[str, str]]) -> None:
    """Whoever makes facts says here which kinds there are, each with the title of the step that makes it."""
    _kinds[:] = [kinds]


def preview(name: str, files: dict[str, bytes]) -> Preview:
    try:
        text = parse(files.get(FILE, b""))
    except SkillError as refused:
        return Preview(text=None, error=refused)
    known = {kind: title for kinds in _kinds for kind, title in kinds().items()}
    parts = tuple(
        PartPreview(
            part=part,
            unknown=tuple(kind for kind in part.kinds if kind not in known),
            collectors=tuple(dict.fromkeys(known[kind] for kind in part.kinds if kind in known)),
        )
        for part in outline_of(text.body)
    )
    warnings = list(text.warnings)
    if text.name not in {"", name}:
        warnings.append(f"The frontmatter calls the skill “{text.name}”; here it is {name}.")
    if len(text.description) > 1024:
        warnings.append("The description is longer than 1,024 characters; models are shown its beginning.")
    for each in parts:
        for kind in each.unknown:
            warnings.append(f"“{each.part.title}” asks for `{kind}`, and no collector makes such facts.")
        if not each.part.kinds:
            warnings.append(f"“{each.part.title}” names no kind of facts, so nothing feeds it.")
    if not parts:
        warnings.append(
            "There is no `## Outline`: the model reads the text and works with its ordinary tools."
        )
    return Preview(text=text, error=None, parts=parts, warnings=tuple(warnings))
