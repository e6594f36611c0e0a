"""Whether a page keeps to the kit: its colours and fonts, its voice, and that it loads nothing from anywhere."""

import re
from html.parser import HTMLParser

from sales_app.artifacts.brand.kit import KIT
from sales_app.artifacts.brand.voice import BANNED

COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(", re.IGNORECASE
)
NAMED = re.compile(
    r"(?:^|[;{])\s*(?:--[\w-]+|color|background(?:-color)?|border(?:-[a-z]+)*|outline(?:-color)?|fill|stroke|box-shadow"
    r"|accent-color|caret-color|text-decoration(?:-color)?)\s*:\s*([^;}]*)",
    re.IGNORECASE,
)
COLOUR_NAMES = frozenset(
    "black white red green blue yellow orange purple pink gray grey brown cyan magenta lime navy teal silver gold maroon olive"
    " indigo violet crimson coral salmon tomato turquoise orchid plum tan beige ivory lavender fuchsia aqua".split()
)
FONT = re.compile(r"font(?:-family)?\s*:\s*([^;}]*)", re.IGNORECASE)
LOADS = re.compile(r"@import|url\(\s*(?!['\"]?data:)|src\s*\(|image-set\(|@font-face", re.IGNORECASE)
SCRIPT_LOADS = re.compile(
    r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|importScripts|sendBeacon|RTCPeerConnection|Worker|SharedWorker"
    r"|localStorage|sessionStorage|indexedDB|eval|Function)\b|\bimport\s*\(|document\.cookie|\b(?:preconnect|prefetch|preload|prerender)\b|\.innerHTML|insertAdjacentHTML"
)

ELEMENTS = frozenset(
    {"link", "iframe", "frame", "object", "embed", "base", "form", "video", "audio", "portal", "applet"}
)
LOADING = frozenset(
    {"src", "srcset", "poster", "data", "action", "formaction", "background", "ping", "srcdoc", "xlink:href"}
)
LINK = re.compile(r"(?:#[\w-]*|/(?![/\\])[^\s\\]*|https?://[^\s\\]+)\Z")


def problems(html: str) -> list[str]:
    """What is not of the kit, each as a sentence; empty when all is well."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found
    for style in reader.styles:
        found += _style(style)
    for script in reader.scripts:
        found += [f"A script uses {match[0]!r}." for match in SCRIPT_LOADS.finditer(script)]
    return list(
        dict.fromkeys(
            [*found, *(f"The word {match[0]!r} says nothing." for match in BANNED.finditer(reader.said))]
        )
    )


def _style(style: str) -> list[str]:
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found = [f"A style loads something: {match[0]!r}." for match in LOADS.finditer(style)]
    for match in COLOUR.finditer(style):
        # "#" also begins the selector of an id, which stands outside declarations and is no colour of ours.
        if match[0].lower() not in KIT.colours:
            found.append(f"The colour {match[0]!r} is not of the kit.")
    for match in NAMED.finditer(style):
        for word in re.findall(r"(?<![\w-])[a-z]+(?![\w-])", match[1].lower()):
            if word in COLOUR_NAMES:
                found.append(f"The colour {word!r} is not of the kit.")
    for match in FONT.finditer(style):
        value = match[1].strip()
        if not re.search(r"var\(--(?:sans|mono)\)|^inherit$", value) and value not in KIT.fonts.values():
            found.append(f"The font {value!r} is not of the kit.")
    return found


class _Reader(HTMLParser):
    """Collects styles, scripts and visible text, and notes what loads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self._text: list[str] = []
        self._within = ""
        self._quoted: list[str] = []  # open elements since the first that quotes somebody

    @property
    def said(self) -> str:
        return "".join(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ELEMENTS:
            self.found.append(f"The element <{tag}> has no place in a page.")
        if tag == "meta" and values.get("http-equiv", "").lower() not in {"", "content-security-policy"}:
            self.found.append("A meta element acts on the page.")
        for name, value in values.items():
            if name.startswith("on"):
                self.found.append(f"The attribute {name!r} runs a script.")
            elif name in LOADING and not (tag == "img" and name == "src" and value.startswith("data:image/")):
                self.found.append(f"<{tag} {name}> loads {value!r}.")
            elif name == "href" and not LINK.match(value):
                self.found.append(f"A link leads to {value!r}.")
            elif name == "style":
                self.styles.append("{" + value)
        if tag in {"style", "script"}:
            self._within = tag
        if self._quoted or "data-said" in values:
            if tag not in VOID:
                self._quoted.append(tag)
        elif tag in BREAKS:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""
        if tag in self._quoted:
            while self._quoted.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._within == "style":
            self.styles.append(data)
        elif self._within == "script":
            self.scripts.append(data)
        elif not self._quoted:
            self._text.append(data)


VOID = frozenset({"br", "hr", "img", "input", "meta", "wbr", "path", "circle"})
BREAKS = frozenset({"p", "li", "td", "th", "h1", "h2", "h3", "div", "section", "br"})
