"""The brand kit is enforced: what a page must not hold is found, and nothing off brand is published."""

from typing import Any

import pytest

from sales_app.artifacts import making
from sales_app.artifacts.brand import KIT, in_voice, problems
from sales_app.artifacts.brand.voice import plainer
from sales_app.artifacts.errors import OffBrand
from sales_app.artifacts.models import Artifact
from sales_app.documents import Block, Section
from sales_app.facts import Fact
from tests.artifacts import samples
from tests.artifacts.conftest import Made

OFF = {
    "a colour in a style": "<style>a{color:#123456}</style>",
    "a short colour": "<style>a{color:#fff}</style>",
    "a named colour": "<style>a{background:hotpink;color:red}</style>",
    "a computed colour": "<style>a{color:rgb(1,2,3)}</style>",
    "a colour in an attribute": '<p style="color:#000001">x</p>',
    "a colour in a property": "<style>a{--x: red}</style>",
    "a font": "<style>a{font-family:Comic Sans MS}</style>",
    "a font, in short": "<style>a{font:12px Arial}</style>",
    "a font from somewhere": "<style>@font-face{font-family:x;src:url(data:font/woff2;base64,)}</style>",
    "an import": "<style>@import 'x.css'</style>",
    "a picture in a style": "<style>a{background:url(https://evil.example/x)}</style>",
    "a style sheet": '<link rel="stylesheet" href="/x.css">',
    "a prefetch": '<link rel="dns-prefetch" href="//evil.example">',
    "a script from somewhere": '<script src="/x.js"></script>',
    "a picture from somewhere": '<img src="https://evil.example/x.png">',
    "pictures from somewhere": '<img srcset="https://evil.example/x.png 2x">',
    "a frame": '<iframe src="/x"></iframe>',
    "a form": '<form action="https://evil.example"></form>',
    "a base": '<base href="https://evil.example/">',
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "a handler": '<p onclick="x()">x</p>',
    "a ping": '<a href="/x" ping="https://evil.example">x</a>',
    "a script address": '<a href="javascript:x()">x</a>',
    "another host without a scheme": '<a href="//evil.example">x</a>',
    "a fetch": "<script>fetch('/x')</script>",
    "a socket": "<script>new WebSocket('wss://evil.example')</script>",
    "a connection": "<script>link.rel = 'preconnect'</script>",
    "a peer": "<script>new RTCPeerConnection()</script>",
    "an evaluation": "<script>eval('1')</script>",
    "markup from text": "<script>a.innerHTML = b</script>",
    "an empty word": "<p>A world-class product.</p>",
    "an empty word in two": "<p>State of the\u2010art? State-of-the-Art.</p>",
}


@pytest.mark.parametrize("html", OFF.values(), ids=list(OFF))
def test_what_is_off_brand_is_found(html: str) -> None:
    assert problems(html)


def test_what_is_on_brand_passes() -> None:
    assert (
        problems(
            "<style>a{color:var(--ink);font-family:var(--sans);border:1px solid transparent}</style><p>Fine.</p>"
        )
        == []
    )
    assert problems("<blockquote data-said><p>You are <b>world-class</b>.</p></blockquote><p>Fine.</p>") == []
    assert problems('<img src="data:image/svg+xml;base64,AA">') == []
    assert problems("<blockquote data-said><p>x</p></blockquote><p>world-class</p>") != []


def test_the_kit_is_readable_in_both_looks() -> None:
    """Contrast of every text colour on every ground that it stands on: 4.5 to 1 (WCAG 2.2 AA)."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        high, low = sorted((light(one), light(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for look in (KIT.light, KIT.dark):
        for ground in ("paper", "raised", "tint"):
            for ink in ("ink", "soft", "accent"):
                assert contrast(look[ink], look[ground]) >= 4.5, (ink, ground)
        assert contrast(look["on-accent"], look["accent"]) >= 4.5
        assert contrast(look["warn"], look["warn-tint"]) >= 4.5
        for ink in ("good", "bad"):
            assert contrast(look[ink], look["paper"]) >= 4.5


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("A revolutionary platform for reps.", "A platform for reps."),
        ("It is a best-in-class app.", "It is an app."),
        ("An unparalleled team works **seamlessly** here!", "A team works here."),
        ("World-class support, world class people.", "Support, people."),
        ("Our state-of-the-art, seamless product.", "Our product."),
        ("Nothing to leave out.", "Nothing to leave out."),
        ("See [the page](/deals/2/).", "See [the page](/deals/2/)."),
    ],
)
def test_empty_words_are_left_out(said: str, kept: str) -> None:
    assert plainer(said) == kept


def test_what_somebody_said_stays() -> None:
    fact = Fact(
        id="f1",
        kind="x",
        text="They call it world-class.",
        sources=(samples.source(quote="Your seamless import!"),),
    )
    blocks = (
        Block(kind="quote", text="Your seamless import!", cites=("f1",)),
        Block(kind="text", text="They call it world-class and cutting-edge!", cites=("f1",)),
        Block(kind="row", cells=("A turnkey plan", "world-class"), cites=("f1",)),
    )
    document = samples.document(facts=(fact,), sections=(Section(title="Said", blocks=blocks),))
    quote, text, row = in_voice(document).sections[0].blocks
    assert quote.text == "Your seamless import!"
    assert text.text == "They call it world-class and!"
    assert row.cells == ("A plan", "world-class")


def test_a_page_with_quoted_empty_words_is_published(made: Made) -> None:
    fact = Fact(
        id="f1", kind="x", text="They call it world-class.", sources=(samples.source(quote="Seamless."),)
    )
    blocks = (Block(kind="text", text="They call it world-class, a turnkey plan.", cites=("f1",)),)
    version = made(
        document=samples.document(facts=(fact,), sections=(Section(title="A seamless call", blocks=blocks),))
    )
    assert "They call it world-class, a plan." in version.html
    assert version.document["sections"][0]["blocks"][0]["text"] == "They call it world-class, a plan."


@pytest.mark.parametrize(
    "said",
    [
        "See [our offer](http://).",
        "See [our offer](https://).",
        "It is **seam**less for all.",
        "It is [seam](/deals/2/)less for all.",
        "Best\\-in\\-class.",
        "It is seam\u00adless.",
    ],
)
@pytest.mark.parametrize("is_quoted", [True, False])
def test_no_words_of_others_keep_a_page_from_being_published(made: Made, said: str, is_quoted: bool) -> None:
    """Whoever writes to us cannot take our briefs away, however their words are marked up."""
    told = said if is_quoted else "Something else."
    fact = Fact(id="f1", kind="x", text=told, sources=(samples.source(quote=told),))
    blocks = (
        Block(kind="text", text=said, cites=("f1",)),
        Block(kind="row", cells=(said, "1"), cites=("f1",)),
    )
    assert made(
        document=samples.document(facts=(fact,), sections=(Section(title="Mail", blocks=blocks),))
    ).html


def test_nothing_off_brand_is_published(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def painted(*args: Any, **kwargs: Any) -> str:
        return '<p style="color:#ff00ff">Loud</p>'

    monkeypatch.setattr(making, "render", painted)
    with pytest.raises(OffBrand) as problem:
        made()
    assert problem.value.code == "off_brand" and "#ff00ff" in problem.value.message
    assert not Artifact.objects.exists()
