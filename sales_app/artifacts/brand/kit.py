"""Tokens. A company that puts its own brand here changes this file alone."""

from dataclasses import dataclass, field

# The mark, drawn in the colour of the text around it, so that it fits light and dark.
LOGO = (
    '<svg class="logo" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">'
    '<path d="M12 3a9 9 0 1 0 8.5 12" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"/>'
    '<circle cx="17" cy="8" r="2.5" fill="currentColor"/></svg>'
)


@dataclass(frozen=True, kw_only=True)
class Kit:
    """``light`` and ``dark`` have the same names: CSS custom properties without their dashes. Contrast of text is AA in both.

    ``banned`` are words that say nothing; they are left out of what models write, never out of what somebody said.
    """

    name: str
    logo: str
    light: dict[str, str]
    dark: dict[str, str]
    fonts: dict[str, str]
    print_font: str
    banned: tuple[str, ...] = field(default=())

    @property
    def colours(self) -> frozenset[str]:
        return frozenset({*self.light.values(), *self.dark.values()})


KIT = Kit(
    name="Clewline",
    logo=LOGO,
    light={
        "paper": "#ffffff",
        "raised": "#f6f6f9",
        "ink": "#1c1d21",
        "soft": "#5c5f68",
        "line": "#dfe0e6",
        "accent": "#3a49b8",
        "on-accent": "#ffffff",
        "tint": "#eef0fb",
        "good": "#1d7a45",
        "warn": "#8a5a00",
        "warn-tint": "#fff6e3",
        "bad": "#b02a2a",
    },
    dark={
        "paper": "#17181c",
        "raised": "#1f2126",
        "ink": "#e7e8eb",
        "soft": "#a3a6af",
        "line": "#34373f",
        "accent": "#9fabff",
        "on-accent": "#14151a",
        "tint": "#23263a",
        "good": "#4cc283",
        "warn": "#e0b35a",
        "warn-tint": "#2c2618",
        "bad": "#ff8f8f",
    },
    fonts={
        "sans": 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
        "mono": "ui-monospace, Menlo, Consolas, monospace",
    },
    print_font="Inter",
    banned=(
        "best-in-class",
        "best-of-breed",
        "bleeding-edge",
        "cutting-edge",
        "game-changing",
        "groundbreaking",
        "industry-leading",
        "market-leading",
        "next-generation",
        "paradigm-shifting",
        "revolutionary",
        "seamless",
        "seamlessly",
        "state-of-the-art",
        "supercharged",
        "synergistic",
        "turnkey",
        "unparalleled",
        "unrivalled",
        "world-class",
    ),
)
