"""What people and models write is shown, never run, and loads nothing. The fixture fails on any script error, dialog,
refused policy or request to another host."""

from typing import Any

import pytest

from tests.browser.people import Site

ATTACKS = """
<script>document.title = "owned"</script>
<img src=x onerror="document.title='owned'">
<svg/onload=document.title='owned'>
<iframe srcdoc="<script>parent.document.title='owned'</script>"></iframe>
<a href="javascript:document.title='owned'">a</a>
[b](javascript:document.title='owned')
[c](JaVaScRiPt:document.title='owned')
[d](&#106;avascript:document.title='owned')
[e](java\tscript:document.title='owned')
[f](data:text/html,<script>document.title='owned'</script>)
[g](vbscript:x)
[h](//evil.example/x)
[i](https://evil.example/"onmouseover="document.title='owned')
![j](https://evil.example/pixel.png)
![k](javascript:document.title='owned')
[![l](https://evil.example/l.png)](https://evil.example/)
<https://evil.example/m>
https://evil.example/n

| <img src=x onerror="document.title='owned'"> | b |
|---|---|
| [o](javascript:1) | <style>*{display:none}</style> |

```"><img src=x onerror="document.title='owned'">
</code></pre><script>document.title = "owned"</script>
```

<form action=https://evil.example><input name=p><button>q</button></form>
<meta http-equiv=refresh content="0;url=https://evil.example">
"""


def hazards(page: Any) -> list[str]:
    """Elements and attributes that no content may make."""
    return page.evaluate(
        r"""() => [...document.querySelectorAll('#items *, #queue *')].flatMap(node => [
          ...('script img svg iframe style form meta link object embed base video audio'.split(' ')
            .includes(node.tagName.toLowerCase()) ? [node.tagName] : []),
          ...[...node.attributes].filter(each => /^(on|style|src)/i.test(each.name)).map(each => each.name),
          ...(node.href && !/^(https?:|mailto:)/.test(node.href) ? [node.href] : []),
        ])"""
    )


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_full_of_attacks(site: Site, begun: Any, size: int) -> None:
    """Whole, or in pieces that break every tag and address somewhere else."""
    chat = begun("Attack me")
    run = chat.claim()
    step = max(size, 1) if size > 1 else 3
    for at in range(0, len(ATTACKS), step):
        run.say(ATTACKS[at : at + step])
    run.end()
    run.tool(
        "find_<img src=x onerror=alert(1)>",
        {"q": "<script>alert(1)</script>"},
        "<img src=x onerror=alert(1)>",
    )
    run.finish(result={"model": "<b>x</b>"})
    chat.finished()
    chat.page.locator(".tool summary").click()
    chat.page.reload()
    chat.finished()
    assert hazards(chat.page) == []
    assert chat.page.title().startswith("Attack me")
    text = chat.answers()[0]
    assert '<script>document.title = "owned"</script>' in text
    links = chat.page.eval_on_selector_all(
        ".prose a", "all => all.map(a => [a.textContent, a.href, a.rel, a.target])"
    )
    assert links
    for name, href, rel, target in links:
        assert href.startswith("https://evil.example/"), name
        assert "noopener" in rel and target == "_blank"
    assert not {"a", "b", "c", "d", "e", "f", "g", "h", "k", "o"} & {name for name, *_ in links}


def test_a_person_full_of_attacks(site: Site, begun: Any, device: Any) -> None:
    chat = begun(ATTACKS.strip())
    assert chat.said() == [ATTACKS.strip()]
    chat.answer("I see.")
    chat.finished()
    chat.page.get_by_label("More about this chat").click()
    chat.page.fill("#rename-title", "<img src=x onerror=alert(1)>")
    chat.page.click("text=Save")
    chat.live()
    assert chat.page.inner_text("#chat-title") == "<img src=x onerror=alert(1)>"
    assert "<img src=x onerror=alert(1)>" in chat.page.inner_text("#chat-list")
    assert hazards(chat.page) == []
    page = device().new_page()
    page.goto(f"/inspect/{chat.id}/")
    assert "owned" in page.inner_text(".seen-text >> nth=0")
    assert not page.title().startswith("owned")


def test_nothing_of_an_answer_is_lost_to_markdown(site: Site, begun: Any) -> None:
    """Prices, field names, brackets, half-open marks and deep nesting keep their characters."""
    prices = "From $5,000 to $6,000, so {} for {} and close_date_of_deal."
    lines = {
        prices.format("**$11k**", "`a_b`"): prices.format("$11k", "a_b"),
        "See [1] and [the note]. 5 * 3 < 20 && a_ or b_": "See [1] and [the note]. 5 * 3 < 20 && a_ or b_",
        "Grüße, 東京, 👩‍🚀, \u202eabc": "Grüße, 東京, 👩‍🚀, \u202eabc",
        ">" * 40 + " deep": "deep",
        "An open [link": "An open [link",
        "A costs \\$5 \\* 2": "A costs $5 * 2",
    }
    chat = begun("Show me")
    run = chat.claim()
    for written in lines:
        for at in range(0, len(written), 5):
            run.say(written[at : at + 5])
        run.end()
    run.finish()
    chat.finished()
    assert [text.strip() for text in chat.answers()] == list(lines.values())
