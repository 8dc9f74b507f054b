"""From the syntax tree to surface values: text calls the same operations that Python calls.

Evaluation is a stack of generators, not recursion: each yields the parts it needs and is sent their values, so that
long chains of definitions cannot exhaust Python's stack. An error without a place gets that of the innermost part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.ir.units import unit_named
from hzdsl.lang.collections import Collection
from hzdsl.lang.events import Events
from hzdsl.lang.functions import described
from hzdsl.lang.lists import Numbers
from hzdsl.lang.quantities import quantity
from hzdsl.lang.verbs import method_named, verb_of
from hzdsl.text import calls, operators
from hzdsl.text import syntax as s
from hzdsl.text.binding import bound_arguments, identity
from hzdsl.text.names import Entry, Names, Steps
from hzdsl.text.nano import expressions as dialect
from hzdsl.text.scope import Element, Scope

__all__ = ["Elaborator"]


class Elaborator:
    """Evaluates expressions of one document.

    Parameters
    ----------
    names : Names
        Its definitions and input.
    strict_units : bool
        Whether a bare number in a slot is refused.
    """

    def __init__(self, names: Names, strict_units: bool = False) -> None:
        self.names, self.strict_units = names, strict_units
        self._values: dict[str, Any] = {}
        self._expanded: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def run(self, expression: s.Expr | Entry, scope: Scope) -> Any:
        """Return the value of an expression, or of a definition."""
        stack = [(expression, scope, self._steps(expression, scope))]
        value: Any = None
        while stack:
            part, within, steps = stack[-1]
            try:
                wanted, inner = steps.send(value)
            except StopIteration as done:
                value = done.value
                stack.pop()
            except HzdslError as e:
                raise e.at(_place(part, within)) from None
            else:
                stack.append((wanted, inner, self._steps(wanted, inner)))
                value = None
        return value

    def apply(self, entry: Entry, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Return the value of a function of the document for Python arguments."""
        scope = Scope(entry.source)
        outer = replace(entry, formula=None, steps=lambda _: self._expand(entry, arguments, keywords, scope))
        return self.run(outer, scope)

    def _steps(self, part: Any, scope: Scope) -> Steps:
        if isinstance(part, Entry):
            return self._entry(part, scope)
        return _HANDLERS[type(part)](self, part, scope)

    # ---- names ----

    def _entry(self, entry: Entry, scope: Scope) -> Steps:
        if entry.steps is not None:
            return (yield from entry.steps(scope))
        if entry.formula is None:
            return entry.value
        return (yield entry.formula.body, scope)

    def name(self, e: s.Name, scope: Scope) -> Steps:
        entry = self.names.entry(e.name)
        element = scope.element_with(e.name)
        if element is not None:
            taken = entry is not None or e.name in scope.bindings
            if taken and not self.names.nano_spec:  # there, a bare name in brackets is an attribute
                raise self.names.ambiguous(e.name, described(element.particle))
            return element.lookup(e.name)
        if e.name in scope.bindings:
            return scope.bindings[e.name]
        if entry is not None:
            return (yield from self._defined(entry, scope))
        found = self.names.input(e.name)
        if found is None:
            if calls.function_named(e.name) is not None:
                raise HzdslError("arguments", f"'{e.name}' is a function", fix=f"call it: {e.name}(…)")
            raise self.names.unknown(e.name, scope)
        return found

    def _defined(self, entry: Entry, scope: Scope) -> Steps:
        if entry.is_function:
            raise HzdslError("arguments", f"'{entry.name}' is a function", fix=f"call it: {entry.name}(…)")
        if entry.name not in self._values:
            chain = self.names.entered(entry.name, scope)
            self._values[entry.name] = yield entry, Scope(entry.source, chain=chain)
        return self._values[entry.name]

    # ---- atoms and operators ----

    def number(self, e: s.Number, scope: Scope) -> Steps:
        return e.value
        yield

    def string(self, e: s.String, scope: Scope) -> Steps:
        return e.value
        yield

    def measure(self, e: s.Measure, scope: Scope) -> Steps:
        if self.names.entry(e.unit) is not None or e.unit in scope.bindings:
            what = f"'{e.unit}' is a unit and a definition, too"
            fix = f"rename the definition; a product is written {e.value}*{e.unit}"
            raise HzdslError("name-twice", what, fix=fix, place=scope.source.place(e.unit_start, e.end))
        if e.unit not in UNITS:
            try:
                unit_named(e.unit)
            except HzdslError as error:
                error.fix = f"{error.fix} (after a number stands a unit or an operator)"
                raise error.at(scope.source.place(e.unit_start, e.end)) from None
        return quantity(1, e.unit) * e.value
        yield

    def tuple(self, e: s.Tuple, scope: Scope) -> Steps:
        items = []
        for item in e.items:
            items.append((yield item, scope))
        return tuple(items)

    def unary(self, e: s.Unary, scope: Scope) -> Steps:
        return operators.unary(e.op, (yield e.operand, scope))

    def power(self, e: s.Power, scope: Scope) -> Steps:
        base = yield e.base, scope
        return operators.binary("**", base, (yield e.exponent, scope))

    def chain(self, e: s.Chain, scope: Scope) -> Steps:
        value = yield e.first, scope
        for op, operand in e.rest:
            other = yield operand, scope
            if self.names.nano_spec and op in "+-%":
                value, other = dialect.fitted(value, other)
            value = _narrowed(scope, e.first.start, operand.end, operators.binary, op, value, other)
        return value

    def logic(self, e: s.Logic, scope: Scope) -> Steps:
        value = yield e.items[0], scope
        for item in e.items[1:]:
            other = yield item, scope
            value = _narrowed(scope, e.items[0].start, item.end, operators.logic, e.op, value, other)
        return value

    def comparison(self, e: s.Comparison, scope: Scope) -> Steps:
        left, start, result = (yield e.first, scope), e.first.start, None
        for op, operand in e.rest:
            right = yield operand, scope
            if self.names.nano_spec:
                left, right = dialect.fitted(left, right)
            holds = _narrowed(scope, start, operand.end, operators.compare, op, left, right)
            result = holds if result is None else operators.logic("and", result, holds)
            left, start = right, operand.start
        return result

    # ---- attributes, elements, calls ----

    def attribute(self, e: s.Attribute, scope: Scope) -> Steps:
        start = e.end - len(e.name)
        if isinstance(e.owner, s.Call) and isinstance(e.owner.function, s.Name) and e.owner.function.name == "leading":
            if self.names.nano_spec and len(e.owner.arguments) == 1:
                objects = yield e.owner.arguments[0], scope
                return _narrowed(scope, start, e.end, dialect.greatest, objects, e.name)
            self._refuse_leading(e.name)
        owner = yield e.owner, scope
        found = _narrowed(scope, start, e.end, calls.attribute_of, owner, e.name)
        return dialect.widened(found) if self.names.nano_spec else found

    def _refuse_leading(self, attribute: str) -> None:
        if self.names.entry("leading") is None:
            raise dialect.leading_differs(attribute)

    def index(self, e: s.Index, scope: Scope) -> Steps:
        owner = yield e.owner, scope
        if isinstance(owner, Events) and isinstance(e.key, s.String):
            return calls.attribute_of(owner, e.key.value)
        if not isinstance(owner, Collection | Numbers):
            raise HzdslError(
                "arguments",
                f"{described(owner)} is no collection and has no elements",
                fix="C[condition], C[i], C[i:j]",
            )
        key = yield e.key, scope.inside(Element(owner)) if isinstance(owner, Collection) else scope
        return _narrowed(scope, e.key.start, e.key.end, owner.__getitem__, key)

    def slice(self, e: s.Slice, scope: Scope) -> Steps:
        owner = yield e.owner, scope
        bounds = []
        for bound in (e.low, e.high):
            bounds.append(None if bound is None else (yield bound, scope))
        if not isinstance(owner, Collection | Numbers):
            raise HzdslError("arguments", f"{described(owner)} is no collection and has no elements")
        if not all(b is None or (isinstance(b, int) and not isinstance(b, bool)) for b in bounds):
            raise HzdslError("arguments", "the bounds of [i:j] are whole numbers")
        return owner[bounds[0] : bounds[1]]

    def call(self, e: s.Call, scope: Scope) -> Steps:
        if isinstance(e.function, s.Name):
            return (yield from self._function(e, e.function.name, scope))
        if not isinstance(e.function, s.Attribute):
            raise HzdslError("arguments", "this is no function and cannot be called", fix="f(x), or C.method(x)")
        owner, name = (yield e.function.owner, scope), e.function.name
        method = method_named(type(owner), name)
        if method is None:
            raise calls.no_method(owner, name)
        inner = scope.inside(Element(owner)) if verb_of(method).scoped else scope
        arguments, keywords = yield from _evaluated(e, inner)
        self._check_strict(name, method, arguments)
        return calls.called(name, method, (owner, *arguments), keywords)

    def _function(self, e: s.Call, name: str, scope: Scope) -> Steps:
        entry = self.names.entry(name)
        if entry is not None and (entry.is_function or not self._is_dialect_call(name)):
            arguments, keywords = yield from _evaluated(e, scope)
            return (yield from self._expand(entry, arguments, keywords, scope))
        if calls.reduces(name) and len(e.arguments) == 2 and not e.keywords:
            return (yield from self._reduction(e, name, scope))
        function = calls.function_named(name)
        if function is None:
            if name == "leading":
                self._refuse_leading("pt")
            raise self.names.unknown(name, scope, called=True)
        arguments, keywords = yield from _evaluated(e, scope)
        self._check_strict(name, function, arguments)
        return calls.called(name, function, arguments, keywords)

    def _is_dialect_call(self, name: str) -> bool:
        """Return True where the dialect calls its function, whatever else is called so."""
        return self.names.nano_spec and calls.function_named(name) is not None

    def _reduction(self, e: s.Call, name: str, scope: Scope) -> Steps:
        collection = yield e.arguments[0], scope
        if not isinstance(collection, Collection):
            raise calls.not_reducible(name, collection)
        value = yield e.arguments[1], scope.inside(Element(collection))
        return calls.reduced(name, collection, value)

    def _check_strict(self, name: str, function: calls.Function, arguments: Sequence[Any]) -> None:
        if self.strict_units:
            calls.check_strict(name, function, arguments)

    # ---- functions of the document ----

    def _expand(self, entry: Entry, arguments: Sequence[Any], keywords: Mapping[str, Any], scope: Scope) -> Steps:
        """Substitute a function: its body with the arguments, which were evaluated where they stand."""
        if not entry.is_function:
            raise HzdslError("arguments", f"'{entry.name}' is a value, not a function", fix=f"write {entry.name}")
        if entry.formula is None:
            return calls.called(entry.name, entry.value, arguments, keywords)
        chain = self.names.entered(entry.name, scope)
        bound = bound_arguments(entry, arguments, keywords)
        for p in entry.formula.parameters or ():
            if p.name not in bound and p.default is not None:
                bound[p.name] = yield p.default, Scope(entry.source, chain=chain)
        key = (entry.name, *((n, identity(x)) for n, x in bound.items()))
        if key not in self._expanded:
            value = yield entry.formula.body, Scope(entry.source, bindings=bound, chain=chain)
            self._expanded[key] = value, bound  # the arguments stay alive, so that no other object takes their id
        return self._expanded[key][0]


def _evaluated(e: s.Call, scope: Scope) -> Steps:
    arguments = []
    for argument in e.arguments:
        arguments.append((yield argument, scope))
    keywords = {}
    for name, argument in e.keywords:
        if name in keywords:
            raise HzdslError("arguments", f"the argument '{name}' is given twice")
        keywords[name] = yield argument, scope
    return arguments, keywords


def _place(part: Any, scope: Scope) -> Any:
    return part.place() if isinstance(part, Entry) else scope.source.place(part.start, part.end)


def _narrowed(scope: Scope, start: int, end: int, compute: Callable[..., Any], *operands: Any) -> Any:
    """Return ``compute(*operands)``; an error without a place gets the given part of the text."""
    try:
        return compute(*operands)
    except HzdslError as e:
        raise e.at(scope.source.place(start, end)) from None


_HANDLERS: dict[type, Callable[[Elaborator, Any, Scope], Steps]] = {
    s.Number: Elaborator.number,
    s.Measure: Elaborator.measure,
    s.String: Elaborator.string,
    s.Name: Elaborator.name,
    s.Chain: Elaborator.chain,
    s.Logic: Elaborator.logic,
    s.Comparison: Elaborator.comparison,
    s.Unary: Elaborator.unary,
    s.Power: Elaborator.power,
    s.Attribute: Elaborator.attribute,
    s.Call: Elaborator.call,
    s.Index: Elaborator.index,
    s.Slice: Elaborator.slice,
    s.Tuple: Elaborator.tuple,
}
