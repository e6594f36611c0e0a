"""The formulas of calculators: a small grammar with an evaluator of its own, here and in ``rendering/assets/expression.js``.

    comparison  = sum [("<" | "<=" | ">" | ">=" | "==") sum]      1 or 0
    sum         = product {("+" | "-") product}
    product     = power {("*" | "/") power}
    power       = unary ["^" power]
    unary       = ["-"] atom
    atom        = number | name | name "(" comparison {"," comparison} ")" | "(" comparison ")"

Functions: ``min``, ``max``, ``round(x)``, ``round(x, digits)``, ``floor``, ``ceil``, ``abs``, ``if(condition, then, else)``.
Values are IEEE doubles, so that both evaluators agree: ``tests/artifacts/expression_cases.json`` holds them to it.
"""

import math
import re
from collections.abc import Callable, Mapping

LENGTH_MAX = 500
DEPTH_MAX = 40
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|[-+*/^(),<>]))", re.ASCII)


class FormulaError(ValueError):
    """``code``: ``syntax``, ``unknown_name`` or ``undefined`` (no number, as after a division by zero)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def evaluate(formula: str, values: Mapping[str, float]) -> float:
    """Raises FormulaError."""
    result = _Reader(formula, values).whole()
    return result + 0.0  # no negative zero


def names(formula: str) -> set[str]:
    """The inputs and outputs that a formula reads. Raises FormulaError for what cannot be read."""
    tokens = _tokens(formula)
    return {
        text
        for place, (kind, text) in enumerate(tokens)
        if kind == "name" and not (place + 1 < len(tokens) and tokens[place + 1][1] == "(")
    }


def _tokens(formula: str) -> list[tuple[str, str]]:
    if len(formula) > LENGTH_MAX:
        raise FormulaError("syntax", "The formula is too long.")
    found: list[tuple[str, str]] = []
    at, text = 0, formula.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise FormulaError("syntax", f"{text[at:].strip()[:20]!r} cannot be read.")
        kind = "number" if match[1] else "name" if match[2] else "sign"
        found.append((kind, match[1] or match[2] or match[3]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, formula: str, values: Mapping[str, float]) -> None:
        self._tokens = _tokens(formula)
        self._values = values
        self._at = 0
        self._depth = 0

    def whole(self) -> float:
        result = self._comparison()
        if self._at < len(self._tokens):
            raise FormulaError("syntax", f"{self._tokens[self._at][1]!r} is not expected.")
        return result

    def _take(self, *signs: str) -> str:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "sign" and text in signs:
                self._at += 1
                return text
        return ""

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise FormulaError("syntax", f"{sign!r} is missing.")

    def _comparison(self) -> float:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise FormulaError("syntax", "The formula is nested too deep.")
        left = self._sum()
        if sign := self._take("<=", ">=", "==", "<", ">"):
            right = self._sum()
            left = float(
                {
                    "<": left < right,
                    "<=": left <= right,
                    ">": left > right,
                    ">=": left >= right,
                    "==": left == right,
                }[sign]
            )
        self._depth -= 1
        return left

    def _sum(self) -> float:
        left = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            left = _number(left + right if sign == "+" else left - right)
        return left

    def _product(self) -> float:
        left = self._power()
        while sign := self._take("*", "/"):
            right = self._power()
            if sign == "/" and right == 0:
                raise FormulaError("undefined", "A division by zero.")
            left = _number(left * right if sign == "*" else left / right)
        return left

    def _power(self) -> float:
        base = self._unary()
        if not self._take("^"):
            return base
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise FormulaError("syntax", "The formula is nested too deep.")
        exponent = self._power()
        self._depth -= 1
        try:
            return _number(math.pow(base, exponent))
        except (OverflowError, ValueError):
            raise FormulaError("undefined", "A power that is no number.") from None

    def _unary(self) -> float:
        sign = 1.0
        while self._take("-"):
            sign = -sign
        return sign * self._atom()

    def _atom(self) -> float:
        if self._take("("):
            inside = self._comparison()
            self._need(")")
            return inside
        if self._at >= len(self._tokens):
            raise FormulaError("syntax", "The formula ends too early.")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return float(text)
        if kind != "name":
            raise FormulaError("syntax", f"{text!r} is not expected.")
        if self._take("("):
            return self._call(text)
        if text not in self._values:
            raise FormulaError("unknown_name", f"There is no {text!r}.")
        return float(self._values[text])

    def _call(self, name: str) -> float:
        arguments = [self._comparison()]
        while self._take(","):
            arguments.append(self._comparison())
        self._need(")")
        least, most, function = FUNCTIONS.get(name, (0, 0, None))
        if function is None:
            raise FormulaError("unknown_name", f"There is no function {name!r}.")
        if not least <= len(arguments) <= most:
            raise FormulaError("syntax", f"{name} takes another number of values.")
        return _number(function(*arguments))


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise FormulaError("undefined", "A number that is too large.")
    return value


def _round(value: float, digits: float = 0.0) -> float:
    """Half goes up, as with sums of money; Python's own rounds half to even."""
    scale = math.pow(10.0, max(0.0, min(6.0, math.floor(digits))))
    return math.floor(value * scale + 0.5) / scale


FUNCTIONS: dict[str, tuple[int, int, Callable[..., float]]] = {
    "min": (1, 20, min),
    "max": (1, 20, max),
    "round": (1, 2, _round),
    "floor": (1, 1, lambda value: float(math.floor(value))),
    "ceil": (1, 1, lambda value: float(math.ceil(value))),
    "abs": (1, 1, abs),
    "if": (3, 3, lambda condition, then, other: then if condition else other),
}
