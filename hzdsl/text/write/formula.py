"""Expressions as formulae in LaTeX, from their text, by the declarations of `hzdsl.ir.ops`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hzdsl.ir.ops import MATH, OPS
from hzdsl.text import syntax as s
from hzdsl.text.parser import parse_expression
from hzdsl.text.source import Source

#: Symbols of attributes; any other is written upright.
SYMBOLS = {
    "pt": "p_{T}", "eta": r"\eta", "phi": r"\phi", "mass": "m", "px": "p_{x}", "py": "p_{y}", "pz": "p_{z}", "p": "p",
    "energy": "E", "et": "E_{T}", "mt": "m_{T}", "rapidity": "y", "theta": r"\theta", "charge": "q",
    "dxy": "d_{xy}", "dz": "d_{z}",
}  # fmt: skip
#: Functions of the surface that have a symbol.
FUNCTIONS = {
    "delta_r": r"\Delta R({0}, {1})",
    "delta_phi": r"\Delta\phi({0}, {1})",
    "delta_eta": r"\Delta\eta({0}, {1})",
    "transverse_mass": r"m_{{T}}({0}, {1})",
    "minimum": r"\min({0}, {1})",
    "maximum": r"\max({0}, {1})",
}
OPERATORS = {"<": "<", ">": ">", "==": "=", "!=": r"\neq", "and": r"\wedge", "or": r"\vee", "%": r"\;\mathrm{mod}\;",
             "<=": r"\leq", ">=": r"\geq", "+": "+", "-": "-", "*": r"\,",
             "&": r"\;\mathrm{and}\;", "|": r"\cup", "<<": r"\ll", ">>": r"\gg"}  # fmt: skip
#: Unordered choices from one collection, by how many; of several collections their product.
_CHOICES = {"pair": 2, "triple": 3}
#: What pairs are selected by.
_SIGNS = {"opposite_charge": "q_{1} q_{2} < 0", "same_charge": "q_{1} q_{2} > 0", "same_flavor": "f_{1} = f_{2}"}
ATOM, POWER, PREFIX, PRODUCT, SUM, COMPARISON, NOT, AND, OR = 13, 11, 10, 9, 8, 4, 3, 2, 1
_LEVEL = {"*": PRODUCT, "/": PRODUCT, "%": PRODUCT, "+": SUM, "-": SUM, "<<": 7, ">>": 7, "&": 6, "|": 5}

Rendered = tuple[str, int]


def formula(text: str, values: Mapping[str, str] | None = None) -> str:
    r"""Return an expression of the language as LaTeX, for use in math mode.

    Parameters
    ----------
    text : str
        The expression.
    values : mapping of str to str, optional
        What names stand for, as expressions: parameters by their values.

    Examples
    --------
    >>> print(formula("abs(Muon.eta) < 2.4 and delta_r(z.leg1, z.leg2) >= 0.02"))
    \left| \eta(\mathrm{Muon}) \right| < 2.4 \wedge \Delta R({\mathrm{z}}_{1}, {\mathrm{z}}_{2}) \geq 0.02
    """
    return _Formula(values or {}).of(text)


#: Letters and signs beyond ASCII in names and labels, in math mode.
SIGNS = {
    "ℓ": r"\ell", "µ": r"\mu", "μ": r"\mu", "τ": r"\tau", "γ": r"\gamma", "ν": r"\nu", "η": r"\eta", "φ": r"\phi",
    "θ": r"\theta", "π": r"\pi", "σ": r"\sigma", "χ": r"\chi", "ψ": r"\psi", "Δ": r"\Delta", "α": r"\alpha",
    "β": r"\beta", "λ": r"\lambda", "Λ": r"\Lambda", "Υ": r"\Upsilon", "√": r"\surd", "≥": r"\geq", "≤": r"\leq",
    "≠": r"\neq", "→": r"\rightarrow", "±": r"\pm", "×": r"\times", "−": "-", "²": "^2", "³": "^3", "′": "'",
    "⁺": "^+", "⁻": "^-", "∞": r"\infty",
}  # fmt: skip
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}


def upright(text: str) -> str:
    r"""Return a name in upright letters, in math mode.

    Examples
    --------
    >>> print(upright("good_mu"), upright("4ℓ"))
    \mathrm{good\_mu} \mathrm{4{\ell}}
    """
    return rf"\mathrm{{{''.join(f'{{{SIGNS[c]}}}' if c in SIGNS else escaped(c) for c in text)}}}"


def escaped(text: str) -> str:
    r"""Return a text with what means something to LaTeX escaped, and signs beyond ASCII in math mode.

    Examples
    --------
    >>> print(escaped("50% of 4µ"))
    50\% of 4\ensuremath{\mu}
    """
    signs = {c: rf"\ensuremath{{{x}}}" for c, x in SIGNS.items()}
    return "".join(_SPECIAL.get(c) or signs.get(c) or (f"\\{c}" if c in "&%$#_{}" else c) for c in text)


@cache
def _declared() -> Mapping[str, str]:
    """Return the LaTeX of every function by its name, from the declarations."""
    found = {name: f.latex for name, f in MATH.items()}
    for op in OPS.values():
        named = re.fullmatch(r"(\w+)\(\{0\}(?:, \{1\})?\)", op.text)
        if named and op.latex != op.text:
            found[named[1]] = op.latex
    return {**found, **FUNCTIONS}


class _Formula:
    """Renders one expression; its depth is bounded by the parser's."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def of(self, text: str) -> str:
        return self._render(parse_expression(Source("formula", text)))[0]

    def _render(self, e: s.Expr) -> Rendered:
        handler: Callable[[_Formula, Any], Rendered] = _HANDLERS[type(e)]
        return handler(self, e)

    def _text(self, e: s.Expr, outer: int = 0) -> str:
        text, precedence = self._render(e)
        return rf"\left({text}\right)" if precedence < outer else text

    def _number(self, e: s.Number) -> Rendered:
        mantissa, exponent, power = repr(e.value).partition("e")
        return (rf"{mantissa} \times 10^{{{int(power)}}}", PRODUCT) if exponent else (mantissa, ATOM)

    def _measure(self, e: s.Measure) -> Rendered:
        return rf"{self._number(s.Number(0, 0, 0, e.value))[0]}\,\mathrm{{{e.unit}}}", ATOM

    def _string(self, e: s.String) -> Rendered:
        return upright(e.value), ATOM

    def _name(self, e: s.Name) -> Rendered:
        if e.name in ("pi", "inf"):
            return {"pi": r"\pi", "inf": r"\infty"}[e.name], ATOM
        if e.name in self._values:
            return self._render(parse_expression(Source(e.name, self._values[e.name])))
        return upright(e.name), ATOM

    def _chain(self, e: s.Chain) -> Rendered:
        text, precedence = self._render(e.first)
        for op, operand in e.rest:
            level = _LEVEL[op]
            if op == "/":
                text, precedence = rf"\frac{{{text}}}{{{self._text(operand)}}}", ATOM
                continue
            left = rf"\left({text}\right)" if precedence < level else text
            text, precedence = f"{left} {OPERATORS[op]} {self._text(operand, level + 1)}", level
        return text, precedence

    def _logic(self, e: s.Logic) -> Rendered:
        level = AND if e.op == "and" else OR
        return f" {OPERATORS[e.op]} ".join(self._text(x, level + 1) for x in e.items), level

    def _comparison(self, e: s.Comparison) -> Rendered:
        rest = "".join(f" {OPERATORS[op]} {self._text(x, COMPARISON + 1)}" for op, x in e.rest)
        return self._text(e.first, COMPARISON + 1) + rest, COMPARISON

    def _unary(self, e: s.Unary) -> Rendered:
        if e.op in ("not", "~"):
            return rf"\neg {self._text(e.operand, PREFIX)}", NOT
        return f"{e.op}{self._text(e.operand, PREFIX)}", PREFIX

    def _power(self, e: s.Power) -> Rendered:
        return f"{{{self._text(e.base, ATOM)}}}^{{{self._text(e.exponent)}}}", POWER

    def _attribute(self, e: s.Attribute) -> Rendered:
        if e.name == "p4":
            return self._render(e.owner)
        if leg := re.fullmatch(r"leg(\d+)", e.name):
            return f"{{{self._text(e.owner, ATOM)}}}_{{{leg[1]}}}", ATOM
        owner = self._text(e.owner)
        if e.name == "exists":
            return rf"\exists\, {self._text(e.owner, ATOM)}", PREFIX
        if owner in (r"\mathrm{MET}", r"\mathrm{PuppiMET}") and e.name == "pt":
            return r"p_{T}^{\mathrm{miss}}", ATOM
        return f"{SYMBOLS.get(e.name) or upright(e.name)}({owner})", ATOM

    def _call(self, e: s.Call) -> Rendered:
        named = isinstance(e.function, s.Name)
        name = e.function.name if isinstance(e.function, s.Name | s.Attribute) else ""
        if (said := self._as_said(e, name, named)) is not None:
            return said
        template = _declared().get(name) if named and not e.keywords else None
        if template is not None:
            outer = PREFIX if template.endswith(" {0}") else 0
            return template.format(*(self._text(a, outer) for a in e.arguments)), ATOM
        if isinstance(e.function, s.Attribute) and re.fullmatch(r"as_\w\d\d", name):
            return self._render(e.function.owner)
        given = [self._text(a) for a in e.arguments] + [f"{upright(k)} = {self._text(x)}" for k, x in e.keywords]
        if isinstance(e.function, s.Attribute):
            given.insert(0, self._text(e.function.owner))
        return f"{upright(name)}({', '.join(given)})", ATOM

    def _as_said(self, e: s.Call, name: str, named: bool) -> Rendered | None:
        """Return combinations, choices, categories and variations as a paper says them; None for other calls."""
        if isinstance(e.function, s.Attribute):
            return self._selected(e, e.function) if name in _SIGNS else self._chosen(e, e.function, name)
        if name in (*_CHOICES, "combinations"):
            return self._combined(e, name)
        if name == "vary" and e.arguments:
            return self._render(e.arguments[0])  # its variations have a table
        return self._cases(e) if name == "category" else None

    def _combined(self, e: s.Call, name: str) -> Rendered:
        given = [self._text(a, ATOM) for a in (*e.arguments, *(x for _, x in e.keywords))]
        if name == "combinations" or (len(given) == 1 and not e.keywords):
            return rf"\binom{{{given[0]}}}{{{_CHOICES.get(name, given[-1])}}}", ATOM
        return r" \times ".join(given), PRODUCT

    def _cases(self, e: s.Call) -> Rendered:
        pairs = zip(e.arguments[::2], e.arguments[1::2], strict=False)
        rows = [(self._text(label), c) for label, c in pairs] + [(upright(k), c) for k, c in e.keywords]
        cases = r",\;".join(f"{label}: {self._text(c)}" for label, c in rows)
        return rf"\{{{cases}\}}", ATOM

    def _selected(self, e: s.Call, function: s.Attribute) -> Rendered:
        conditions = [_SIGNS[function.name]]
        while (inner := _method(function.owner)) is not None and inner.name in _SIGNS:
            function = inner
            conditions.insert(0, _SIGNS[function.name])
        joined = r",\;".join(conditions)
        return rf"\{{{self._text(function.owner)} : {joined}\}}", ATOM

    def _chosen(self, e: s.Call, function: s.Attribute, name: str) -> Rendered | None:
        """Return ``C.nearest(m)`` and its like."""
        owner = self._text(function.owner)
        given = [self._text(a, PREFIX) for a in e.arguments]
        if name == "per":
            return self._render(function.owner)
        if name == "between" and len(given) == 2:
            return f"{given[0]} < {self._text(function.owner, COMPARISON + 1)} < {given[1]}", COMPARISON
        key = {"nearest": rf"\left| m - {given[0]} \right|" if given else "", "leading": "p_{T}"}.get(name)
        if name in ("argmin", "argmax") and len(given) == 1:
            key = given[0]
        if name == "sort" and len(given) == 1:
            arrow = r"\downarrow" if given[0].startswith("-") else r"\uparrow"
            return rf"{{{self._text(function.owner, ATOM)}}}^{{{arrow} {given[0].removeprefix('-')}}}", POWER
        if key is None:
            return None
        least = "min" if name in ("nearest", "argmin") else "max"
        return rf"\mathrm{{arg{least}}}_{{{owner}}}\, {key}", PREFIX

    def _index(self, e: s.Index) -> Rendered:
        owner = self._text(e.owner, ATOM)
        if isinstance(e.key, s.Number) and isinstance(e.key.value, int):
            return f"{{{owner}}}_{{{e.key.value + 1}}}", ATOM
        return rf"\{{{owner} : {self._text(e.key)}\}}", ATOM

    def _slice(self, e: s.Slice) -> Rendered:
        low, high = ("" if x is None else self._text(x) for x in (e.low, e.high))
        return f"{{{self._text(e.owner, ATOM)}}}_{{{low}:{high}}}", ATOM

    def _tuple(self, e: s.Tuple) -> Rendered:
        return f"({', '.join(self._text(x) for x in e.items)})", ATOM


def _method(e: s.Expr) -> s.Attribute | None:
    """Return the method that an expression calls, None where it calls none."""
    return e.function if isinstance(e, s.Call) and isinstance(e.function, s.Attribute) else None


_HANDLERS: dict[type, Any] = {
    s.Number: _Formula._number,
    s.Measure: _Formula._measure,
    s.String: _Formula._string,
    s.Name: _Formula._name,
    s.Chain: _Formula._chain,
    s.Logic: _Formula._logic,
    s.Comparison: _Formula._comparison,
    s.Unary: _Formula._unary,
    s.Power: _Formula._power,
    s.Attribute: _Formula._attribute,
    s.Call: _Formula._call,
    s.Index: _Formula._index,
    s.Slice: _Formula._slice,
    s.Tuple: _Formula._tuple,
}
