"""Which skills a tree of files holds: a skill's folder, a folder of such, or a Claude plug-in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sales_app.skills import folders
from sales_app.skills.errors import SkillError
from sales_app.skills.text import FILE, parse

MANIFEST = ".claude-plugin/plugin.json"
Tree = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Found:
    """``folder`` is its place in the tree, "" at the top; ``plugin`` the name of the plug-in that it came in, or ""."""

    name: str
    folder: str
    files: Tree
    plugin: str = ""


def skills_in(tree: Tree, *, called: str = "") -> list[Found]:
    """In the order of their folders. ``called`` is what the tree itself is called: it names a skill that has no other name.

    A folder with a SKILL.md is a skill with everything below it. Of a plug-in only its ``skills/`` count (and places that its
    manifest names): its commands, hooks and servers are not ours to run. Raises ``SkillError``.
    """
    plugins = {
        path.removesuffix(MANIFEST).rstrip("/"): _manifest(tree[path])
        for path in sorted(tree)
        if path == MANIFEST or path.endswith(f"/{MANIFEST}")
    }
    tops = [path.removesuffix(FILE).rstrip("/") for path in tree if path == FILE or path.endswith(f"/{FILE}")]
    found: list[Found] = []
    for top in sorted(tops):
        root = _above(top, plugins)
        if root is not None and not _belongs(top, root, plugins[root].places):
            continue
        if not any(_below(top, each.folder) for each in found):
            found.append(_found(tree, top, called, plugins[root].name if root is not None else ""))
    if not found:
        other = next((path for path in sorted(tree) if path.rpartition("/")[2].lower() == FILE.lower()), "")
        misspelt = other and not other.endswith(FILE)
        raise SkillError(
            "skill_no_text",
            f"There is no {FILE} in it.",
            f"Rename {other} to {FILE}."
            if misspelt
            else f"Choose a folder with a {FILE}, or a plug-in with skills/<name>/{FILE}.",
        )
    names: dict[str, str] = {}
    for each in found:
        if each.name in names:
            raise SkillError(
                "skill_twice",
                f"Two folders hold a skill {each.name}: “{names[each.name]}” and “{each.folder}”.",
                "Import them one after the other, or rename one.",
            )
        names[each.name] = each.folder
    return found


@dataclass(frozen=True, kw_only=True)
class _Plugin:
    name: str
    places: tuple[str, ...]


def _manifest(raw: bytes) -> _Plugin:
    """Read as far as it can be: a plug-in with a broken manifest still has its skills."""
    try:
        read = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        read = {}
    if not isinstance(read, dict):
        read = {}
    named = read.get("skills")
    places = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    name = read.get("name")
    return _Plugin(
        name=name if isinstance(name, str) else "",
        places=(
            "skills",
            *(place.removeprefix("./").strip("/") for place in places if isinstance(place, str)),
        ),
    )


def _belongs(top: str, root: str, places: tuple[str, ...]) -> bool:
    inside = top.removeprefix(root).lstrip("/")
    return (
        any(_below(inside, place) and inside.removeprefix(place) for place in places) or inside in places[1:]
    )


def _above(top: str, roots: Iterable[str]) -> str | None:
    """The innermost plug-in that ``top`` lies in."""
    return max((root for root in roots if _below(top, root)), key=len, default=None)


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _found(tree: Tree, top: str, called: str, plugin: str) -> Found:
    prefix = f"{top}/" if top else ""
    files = {path.removeprefix(prefix): content for path, content in tree.items() if path.startswith(prefix)}
    try:
        folders.check_folder(files)
        written = parse(files[FILE]).name
    except SkillError as refused:
        place = f"{top}: " if top else ""
        raise SkillError(refused.code, f"{place}{refused.message}", refused.fix) from None
    # The folder is the name, as the format has it. An archive is called anything, so there the text's own name goes first.
    folder = top.rpartition("/")[2]
    name = folders.name_from(folder, written) if folder else folders.name_from(written, called)
    return Found(name=name, folder=top, files=files, plugin=plugin)
