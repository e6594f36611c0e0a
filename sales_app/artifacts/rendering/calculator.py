"""The ROI calculator: fields and sliders, and results that follow them.

    data["calculator"] = {
        "currency": "USD",
        "inputs": [{"id": "seats", "label": "Seats", "unit": "seats", "value": 40, "min": 1, "max": 500, "step": 1, "source": SOURCE or "…"}, …],
        "outputs": [{"id": "saving", "label": "Saved in a year", "formula": "seats * hours * 48", "unit": "USD", "digits": 0}, …]}

Formulas are those of ``artifacts/expressions.py``; they read inputs and the outputs above them. A unit of three capitals is a
currency; ``%`` stands behind the number.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from sales_app.artifacts.expressions import FormulaError, evaluate
from sales_app.artifacts.rendering import data
from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import section
from sales_app.artifacts.rendering.sources import marks

NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class Input:
    id: str
    label: str
    unit: str
    value: float
    least: float
    most: float
    step: float
    source: Any
    assumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    id: str
    label: str
    unit: str
    formula: str
    digits: int


@dataclass(frozen=True, kw_only=True)
class Calculator:
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]

    def results(self) -> dict[str, float | None]:
        """With the inputs as they are given; None where a formula has no number."""
        values = {each.id: each.value for each in self.inputs}
        found: dict[str, float | None] = {}
        for each in self.outputs:
            try:
                found[each.id] = values[each.id] = evaluate(each.formula, values)
            except FormulaError:
                found[each.id] = None
        return found


def calculator_of(value: Any) -> Calculator | None:
    if not isinstance(value, dict):
        return None
    inputs = tuple(found for each in data.objects(value.get("inputs")) if (found := _input(each)))
    outputs = tuple(made for each in data.objects(value.get("outputs")) if (made := _output(each)))
    return Calculator(inputs=inputs, outputs=outputs) if inputs and outputs else None


def _input(each: data.Json) -> Input | None:
    name, value = data.text(each.get("id")), data.number(each.get("value"))
    if not NAME.match(name) or value is None:
        return None
    least = data.number(each.get("min"), min(0.0, value))
    most = data.number(each.get("max"), max(1.0, value * 4))
    assert least is not None and most is not None
    step = data.number(each.get("step"), 1.0) or 1.0
    return Input(
        id=name,
        label=data.text(each.get("label"), name),
        unit=data.text(each.get("unit")),
        value=value,
        least=min(least, value),
        most=max(most, value),
        step=abs(step),
        source=each.get("source"),
        assumed=each.get("assumed") is True,
    )


def _output(each: data.Json) -> Output | None:
    name, formula = data.text(each.get("id")), data.text(each.get("formula"))
    if not NAME.match(name) or not formula:
        return None
    digits = data.number(each.get("digits"), 0.0) or 0.0
    return Output(
        id=name,
        label=data.text(each.get("label"), name),
        unit=data.text(each.get("unit")),
        formula=formula,
        digits=int(max(0, min(6, digits))),
    )


def shown(value: float | None, unit: str, digits: int) -> str:
    """``USD 1,200``, ``35%``, ``14 months``. Half is rounded up, as the page's script does."""
    if value is None:
        return UNKNOWN
    # "{:.0f}" would round half to even.
    scale = 10**digits
    rounded = (abs(value) * scale + 0.5) // 1 / scale
    text = f"{'-' if value < 0 and rounded else ''}{rounded:,.{digits}f}"
    if re.fullmatch(r"[A-Z]{3}", unit):
        return f"{unit} {text}"
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".strip()


def render(rendering: Rendering) -> str:
    found = calculator_of(rendering.document.data.get("calculator"))
    body = "".join(section(rendering, each) for each in rendering.document.sections)
    if found is None:
        return shell(rendering, f"{heading(rendering)}<main>{body}</main>{footer(rendering)}", layout="prose")
    results = found.results()
    inputs = "".join(_field(rendering, each) for each in found.inputs)
    outputs = "".join(_result(each, results[each.id]) for each in found.outputs)
    formulas = "".join(
        f"<li><b>{escape(each.label)}</b> = <code>{escape(each.formula)}</code></li>"
        for each in found.outputs
    )
    names = "".join(f"<li><code>{escape(each.id)}</code> {escape(each.label)}</li>" for each in found.inputs)
    how = f'<details class="how"><summary>How it is computed</summary><ul>{formulas}</ul><ul>{names}</ul></details>'
    return shell(
        rendering,
        f'{heading(rendering)}<main><div class="calculator" data-said><div class="inputs"><h2>Your numbers</h2>{inputs}'
        f'<p><button type="button" data-reset hidden>Back to the first numbers</button></p></div>'
        f'<div class="outputs"><h2>Result</h2><dl aria-live="polite">{outputs}</dl>{how}</div></div>{body}</main>{footer(rendering)}',
        assets=("expression", "calculator"),
    )


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _field(rendering: Rendering, each: Input) -> str:
    name = f"in-{each.id}"
    unit = f' <span class="unit">{escape(each.unit)}</span>' if each.unit else ""
    # Customers see no sources: that nobody has said this number stands beside it.
    assumed = ' <span class="unit">(assumed: put in your own)</span>' if each.assumed else ""
    limits = f'min="{_plain(each.least)}" max="{_plain(each.most)}" step="{_plain(each.step)}" value="{_plain(each.value)}"'
    return (
        f'<div class="field"><label for="{name}">{escape(each.label)}{assumed}{_source(rendering, each.source)}</label>'
        f'<span class="pair"><input type="range" {limits} aria-label="{escape(each.label)}" data-of="{each.id}" hidden>'
        f'<span class="exact"><input type="number" id="{name}" inputmode="decimal" {limits} data-input="{each.id}">{unit}</span></span>'
        f'<p class="wrong" data-wrong="{each.id}" role="alert"></p></div>'
    )


def _source(rendering: Rendering, given: Any) -> str:
    if not rendering.inside:
        return ""
    if isinstance(given, str) and given:
        return f' <span class="from">{escape(given)}</span>'
    found = data.source(given)
    return marks([rendering.sources.number(found)]) if found else ' <span class="from">an assumption</span>'


def _result(each: Output, value: float | None) -> str:
    return (
        f'<div><dt>{escape(each.label)}</dt><dd data-output="{each.id}" data-formula="{escape(each.formula)}" '
        f'data-unit="{escape(each.unit)}" data-digits="{each.digits}">{escape(shown(value, each.unit, each.digits))}</dd></div>'
    )
