"""Expressions of the text form, as ADL writes them: numbers without units, ``pT(jets[0])``, ``x [] 4 5``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.ir.ops import MATH
from hzdsl.lang.quantities import Quantity
from hzdsl.text import syntax as s
from hzdsl.text.adl import words as w
from hzdsl.text.parser import parse_expression
from hzdsl.text.source import Source
from hzdsl.text.write.adl_numbers import constant, digits, measure, natural
from hzdsl.text.write.adl_objects import NOWHERE, Element, ObjectSpeaker, Unsayable, is_collection, is_leg
from hzdsl.text.write.adl_tables import look_up

CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(10)
_ATTRIBUTES: Mapping[str, str] = MappingProxyType({"pt": "pT", "mass": "m", "charge": "q"})
_REDUCERS: Mapping[str, str] = MappingProxyType({function: word for word, function in w.REDUCERS.items()})
_EXTREMES: Mapping[str, str] = MappingProxyType({"minimum": "min", "maximum": "max"})
_TRUTH: Mapping[str, str] = MappingProxyType({"true": "ALL", "false": "NONE"})
_OF_TWO: Mapping[tuple[str, bool], str] = MappingProxyType(
    {("delta_r", False): "dR", ("delta_phi", True): "dPhi", ("delta_eta", True): "dEta"}
)


def tree_of(text: str) -> s.Expr:
    """Return a text of the document as a tree."""
    return parse_expression(Source("analysis", text))


class Speaker(ObjectSpeaker):
    """Writes expressions; see `ObjectSpeaker` for what it knows."""

    def value(self, e: s.Expr, element: Element = NOWHERE, outer: int = CHOICE) -> str:
        """Return the text of a number or condition, in brackets where `outer` binds closer.

        Raises
        ------
        Unsayable
            For what ADL has no words for.
        """
        if self.shapes.number(e) in element.numbers:
            return element.name
        handler = _HANDLERS.get(type(e))
        if handler is None:
            raise Unsayable("texts and tuples")
        text, precedence = handler(self, e, element)
        return f"({text})" if precedence < outer else text

    # ---- atoms ----

    def _number(self, e: Any, element: Element) -> tuple[str, int]:
        return digits(e.value), ATOM

    def _measure(self, e: Any, element: Element) -> tuple[str, int]:
        return natural(measure(e)), ATOM

    def _name(self, e: Any, element: Element) -> tuple[str, int]:
        if self.names.get(e.name) in self.unsayable:
            raise Unsayable(self.unsayable[self.names[e.name]])
        if e.name in self.names and not self.is_collected(e):
            return self.names[e.name], ATOM
        if e.name in _TRUTH:
            return _TRUTH[e.name], ATOM
        if e.name in ("inf", "nan"):
            raise Unsayable(f"the number {e.name}")
        return self.object(e, element), ATOM

    def _attribute(self, e: Any, element: Element) -> tuple[str, int]:
        if e.name == "exists":
            raise Unsayable("the existence of anything but what '~=' chooses in a region")
        if (isinstance(e.owner, s.Name) and e.owner.name == "ev") or e.name == "p4" or is_leg(e.name):
            return self.object(e, element), ATOM
        name = _ATTRIBUTES.get(e.name, e.name)
        if isinstance(e.owner, s.Name) and self._single(e.owner.name):
            return (e.owner.name if e.name == "pt" else f"{name}({e.owner.name})"), ATOM
        if self.shapes.number(e.owner) in element.numbers and element.name == "this":
            return name, ATOM
        owner = self.object(e.owner, element)
        return (f"{owner}.{name}" if name.casefold() in _FUNCTIONS else f"{name}({owner})"), ATOM

    # ---- operators ----

    def _chain(self, e: Any, element: Element) -> tuple[str, int]:
        fixed = constant(e, self.names)
        if isinstance(fixed, Quantity):
            return natural(fixed), ATOM
        operators = {op for op, _ in e.rest}
        own = SUM if operators <= {"+", "-"} else PRODUCT
        if not operators <= {"+", "-", "*", "/"}:
            raise Unsayable(f"the operator '{min(operators - set('+-*/'))}'")
        parts = [self.value(e.first, element, own)]
        parts += [f" {op} {self.value(x, element, own + 1)}" for op, x in e.rest]
        return "".join(parts), own

    def _logic(self, e: Any, element: Element) -> tuple[str, int]:
        own = OR if e.op == "or" else AND
        return f" {e.op} ".join(self.value(x, element, own + 1) for x in e.items), own

    def _comparison(self, e: Any, element: Element) -> tuple[str, int]:
        if len(e.rest) == 2:
            (first, x), (second, high) = e.rest
            if (first, second) == ("<=", "<=") and _bound(e.first) and _bound(high):
                low, top = (self.value(b, element, UNARY) for b in (e.first, high))
                return f"{self.value(x, element, SUM)} [] {low} {top}", COMPARE
        rest = "".join(f" {op} {self.value(x, element, SUM)}" for op, x in e.rest)
        return f"{self.value(e.first, element, SUM)}{rest}", COMPARE

    def _unary(self, e: Any, element: Element) -> tuple[str, int]:
        if e.op == "not":
            return f"not {self.value(held(e.operand), element, NOT)}", NOT
        if e.op == "~":
            raise Unsayable("the operator '~'")
        return f"{e.op}{self.value(e.operand, element, UNARY)}", UNARY

    def _power(self, e: Any, element: Element) -> tuple[str, int]:
        return f"{self.value(e.base, element, ATOM)}^{self.value(e.exponent, element, ATOM)}", POWER

    # ---- calls ----

    def _call(self, e: Any, element: Element) -> tuple[str, int]:
        if isinstance(e.function, s.Attribute):
            if e.function.name == "per":
                return self.object(e, element), ATOM
            raise Unsayable(f"'.{e.function.name}(…)'")
        name, n = e.function.name, len(e.arguments)
        if name in ("entry", "vary") and (found := look_up(e, self.shapes.looked_up)) is not None:
            return f"{self.tabled(found)}({', '.join(self.value(x, element) for x in found.values)})", ATOM
        if e.keywords:
            raise Unsayable(f"'{name}(…)'")
        if name == "count" and n == 1:
            one = e.arguments[0]
            of_objects = is_collection(self.shapes.looked_up(one)) or self._stored(one)
            return (f"size({self.object(one, element)})" if of_objects else f"count({self.value(one, element)})"), ATOM
        if name == "where" and n == 3:
            c, x, y = (self.value(a, element, OR) for a in e.arguments)
            return f"{c} ? {x} : {y}", CHOICE
        if name in _EXTREMES and n == 2:
            return f"{_EXTREMES[name]}({', '.join(self.value(x, element) for x in e.arguments)})", ATOM
        return self._function(name, e.arguments, element), ATOM

    def _function(self, name: str, arguments: tuple[s.Expr, ...], element: Element) -> str:
        inner = arguments[0] if len(arguments) == 1 else None
        if name == "abs" and isinstance(inner, s.Call) and isinstance(inner.function, s.Name):
            word = _OF_TWO.get((inner.function.name, True))
            if word is not None:
                return f"{word}({', '.join(self.object(x, element) for x in inner.arguments)})"
        if (name, False) in _OF_TWO and len(arguments) == 2:
            return f"{_OF_TWO[name, False]}({', '.join(self.object(x, element) for x in arguments)})"
        if inner is not None and (name in _REDUCERS or name in ("abs", *MATH)):
            return f"{_REDUCERS.get(name, name)}({self.value(inner, element)})"
        raise Unsayable(f"'{name}(…)'")

    def _indexed(self, e: Any, element: Element) -> tuple[str, int]:
        return self.object(e, element), ATOM


_FUNCTIONS = frozenset({*w.COUNTS, *w.REDUCERS, *w.SUMS, *w.OF_TWO, *w.MATHEMATICS, *w.QUANTIFIERS})


def held(e: s.Expr) -> s.Expr:
    """Return a condition without its ``.otherwise(false)``, which negation says in ADL."""
    if isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name == "otherwise":
        (missing,) = e.arguments
        if isinstance(missing, s.Name) and missing.name == "false":
            return e.function.owner
    return e


def _bound(e: s.Expr) -> bool:
    return isinstance(e.operand if isinstance(e, s.Unary) and e.op == "-" else e, s.Number | s.Measure)


_HANDLERS: Mapping[type, Callable[[Speaker, Any, Element], tuple[str, int]]] = MappingProxyType(
    {
        s.Number: Speaker._number,
        s.Measure: Speaker._measure,
        s.Name: Speaker._name,
        s.Attribute: Speaker._attribute,
        s.Chain: Speaker._chain,
        s.Logic: Speaker._logic,
        s.Comparison: Speaker._comparison,
        s.Unary: Speaker._unary,
        s.Power: Speaker._power,
        s.Call: Speaker._call,
        s.Index: Speaker._indexed,
        s.Slice: Speaker._indexed,
    }
)
