"""From the trees of ADL to those of the text form.

ADL says ``pT(jets[0]) > 50`` and ``{jets_0}Pt > 50`` where the text form says ``jets[0].pt > 50 GeV``; inside an object
block bare attributes and the names of the block mean the current element, which is called ``this``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl import words as w
from hzdsl.text.adl.nodes import Beside, Between, Choice, Denied, Elsewhere, Fitted, Near
from hzdsl.text.adl.references import References, at, call, named
from hzdsl.text.adl.tables import efficiency, seed

_TRUTH = MappingProxyType({"all": "true", "true": "true", "none": "false", "false": "false"})


class Unchosen(HzdslError):  # noqa: N818 (named after what it is)
    """A name of what '~=' chooses, used where nothing has been chosen."""


@dataclass(frozen=True)
class Translator(References):
    """Translates the expressions of one line; see `References` and `Kinds` for what it knows."""

    def definition(self, e: s.Expr) -> s.Expr:
        """Return what a definition stands for: an object or a value."""
        return self.object(e) if self.is_object(e) and not self.is_single(e) else self.value(e)

    # ---- values ----

    def value(self, e: s.Expr) -> s.Expr:
        """Return the translation of an expression where a number or condition stands."""
        if self.is_object(e) and not isinstance(e, s.Name):
            return self.object(e)
        return _VALUES[type(e)](self, e)

    def _same(self, e: s.Expr) -> s.Expr:
        return e

    def _name(self, e: s.Name) -> s.Expr:
        name = self.registry.words.attribute(e.name)
        if name in self.attributes and e.name not in self.this and e.name not in self.aliases:
            if e.name in self.registry.defines or e.name in self.registry.objects:
                raise self.registry.names.ambiguous(e.name, "the current element").at(self.source.place(e.start, e.end))
            return s.Attribute(*at(e), named(e, "this"), name)
        if self.is_single(e):
            return s.Attribute(*at(e), self.object(e), "pt")
        if self.is_object(e):
            return self.object(e)
        found = self.registry.resolve(e.name)
        if found is not None and found.kind == "value":
            return s.Attribute(*at(e), named(e, "ev"), e.name)
        if found is not None:
            return self.defined(e)
        if e.name.casefold() in _TRUTH:
            return named(e, _TRUTH[e.name.casefold()])
        raise self.unknown(e)

    def defined(self, e: s.Name) -> s.Expr:
        """Return a definition by its name, or its text where it depends on what this region has chosen."""
        roots = self.registry.floating(e.name)
        if not roots:
            return e
        if e.name in roots:
            what, fix = f"which {e.name} is meant has not been said", f"select m({e.name}) ~= 91.2"
            place = self.source.place(e.start, e.end)
            raise Unchosen("arguments", what, fix=f"choose it in the region first: {fix}", place=place)
        if e.name in self.inlined:
            raise self.error("cycle", f"'{e.name}' is defined by itself", e)
        define = self.registry.defines[e.name]
        inner = replace(self, source=define.source, inlined=(*self.inlined, e.name))
        return Elsewhere(*at(e), inner.definition(define.tree), define.source)

    def _chain(self, e: s.Chain) -> s.Expr:
        made = s.Chain(*at(e), self.value(e.first), tuple((op, self.value(x)) for op, x in e.rest))
        return Fitted(*at(e), made) if e.rest[0][0] in "+-" else made

    def _logic(self, e: s.Logic) -> s.Expr:
        return s.Logic(*at(e), e.op, tuple(self.value(x) for x in e.items))

    def _unary(self, e: s.Unary) -> s.Expr:
        if e.op == "not":
            return Denied(*at(e), replace(self, refusing=not self.refusing).value(e.operand))
        return s.Unary(*at(e), e.op, self.value(e.operand))

    def _power(self, e: s.Power) -> s.Expr:
        return s.Power(*at(e), self.value(e.base), self.value(e.exponent))

    def _choice(self, e: Choice) -> s.Expr:
        no = named(e, "false" if self.refusing else "true") if e.no is None else self.value(e.no)
        return Fitted(*at(e), call(e, "where", self.value(e.condition), self.value(e.yes), no))

    def _near(self, e: Near) -> s.Expr:
        raise self.error(
            "unsupported",
            "'~=' and '~!' choose a combination, and stand alone in a line of a region",
            e,
            "define Z = Muo[-1] Muo[-1], and in the region: select m(Z) ~= 91.2",
        )

    # ---- comparisons, which may hold for any or for all of a collection ----

    def _comparison(self, e: s.Comparison) -> s.Expr:
        return self._quantified(
            e,
            lambda t: Fitted(
                *at(e), s.Comparison(*at(e), t.value(e.first), tuple((op, t.value(x)) for op, x in e.rest))
            ),
        )

    def _between(self, e: Between) -> s.Expr:
        return self._quantified(e, lambda t: t._range(e))

    def _range(self, e: Between) -> s.Expr:
        x, low, high = self.value(e.value), self.value(e.low), self.value(e.high)
        if e.inside:
            return Fitted(*at(e), s.Comparison(*at(e), low, (("<=", x), ("<=", high))))
        outside = [Fitted(*at(e), s.Comparison(*at(e), x, (pair,))) for pair in (("<", low), (">", high))]
        return s.Logic(*at(e), "or", tuple(outside))

    def _quantified(self, e: s.Expr, made: Callable[[Translator], s.Expr]) -> s.Expr:
        """Return a comparison with another collection: for all of its elements, or rejecting for any of them."""
        if self.reduced:
            return made(self)
        said = self.quantifier(e)
        if said is None and not (self.this and self.unreduced(e)):
            return made(self)
        inner = replace(self, per=bool(self.this) and self.mixes(e), reduced=True)
        return call(e, said or ("any" if self.refusing else "all"), made(inner))

    # ---- calls ----

    def _call(self, e: s.Call) -> s.Expr:
        assert isinstance(e.function, s.Name)
        name, arguments = e.function.name.casefold(), e.arguments
        if len(arguments) == 1 and name == w.HIT_OR_MISS:
            return self._drawn(e, arguments[0])
        if len(arguments) == 1 and e.function.name not in self.registry.tables:
            return self._of_one(e, e.function.name, arguments[0])
        if name in ("min", "max") and arguments:
            return self._extreme(e, f"{name}imum")
        if e.function.name in self.registry.tables:
            return self._looked_up(e)
        if name in w.OF_TWO and len(arguments) == 2:
            function, absolute = w.OF_TWO[name]
            made = call(e, function, *(self.object(x) for x in arguments))
            return call(e, "abs", made) if absolute else made
        raise self._unknown_function(e)

    def _of_one(self, e: s.Call, written: str, x: s.Expr) -> s.Expr:
        """Return a function of one argument; of an object it is an attribute."""
        name = written.casefold()
        made: s.Expr | None = None
        if name in w.COUNTS:
            made = call(e, "count", self.argument(x))
        elif name in w.REDUCERS:
            made = self._reduced(e, w.REDUCERS[name])
        elif name in w.SUMS:
            made = call(e, "sum", s.Attribute(*at(e), self.object(x), "pt"))
        elif self.is_object(x) and name not in w.OF_TWO:
            made = self._attribute_of(e.function, self.object(x), written)
        elif name in w.MATHEMATICS:
            made = call(e, w.MATHEMATICS[name], self.value(x))
        if made is None or name == "constituents":
            raise self._unknown_function(e)
        return made

    def argument(self, e: s.Expr) -> s.Expr:
        """Return what is counted: a collection, or a condition along one."""
        return self.object(e) if self.is_object(e) else replace(self, reduced=True).value(e)

    def _reduced(self, e: s.Call, name: str) -> s.Expr:
        if name not in FUNCTIONS:
            raise self._unknown_function(e)
        (argument,) = e.arguments
        per = bool(self.this) and self.mixes(argument) and bool(self.unreduced(argument))
        return call(e, name, replace(self, per=per, reduced=True).value(argument))

    def _extreme(self, e: s.Call, name: str) -> s.Expr:
        result = self.value(e.arguments[0])
        for x in e.arguments[1:]:
            result = Fitted(*at(e), call(e, name, result, self.value(x)))
        return result

    def _looked_up(self, e: s.Call) -> s.Expr:
        """Return the value of a table of the file."""
        assert isinstance(e.function, s.Name)
        table = self.registry.tables[e.function.name]
        if len(e.arguments) != table.variables:
            n = table.variables
            what = f"table '{table.name}' is of {n} variable{'s' if n > 1 else ''}, and {len(e.arguments)} are given"
            raise self.error("arguments", what, e)
        return table.at(e, [self.value(x) for x in e.arguments])

    def _drawn(self, e: s.Call, comparison: s.Expr) -> s.Expr:
        """Return whether a random number of the event (and element) accepts, or rejects, with a table's efficiency."""
        table, accepted = efficiency(comparison)
        if not (isinstance(table, s.Call) and isinstance(table.function, s.Name)) or accepted is None:
            raise self.error("arguments", "applyHM takes a table's value and 1 or 0", comparison, w.HIT_OR_MISS_FIX)
        if table.function.name not in self.registry.tables:
            what, known = f"there is no table '{table.function.name}'", ", ".join(self.registry.tables)
            raise self.error("name-unknown", what, table.function, f"tables: {known or 'none'}")
        keys: list[s.Expr] = [s.Attribute(*at(e), named(e, "ev"), n) for n in self.registry.words.schema.identifiers]
        if self.this and self.mixes(table):
            keys.append(s.Attribute(*at(e), named(e, "this"), "index"))
        number = s.Call(*at(e), named(e, "random"), tuple(keys), (("seed", s.Number(*at(e), seed(table))),))
        hit = s.Comparison(*at(e), number, (("<", self._looked_up(table)),))
        return hit if accepted else Denied(*at(e), hit)

    def _unknown_function(self, e: s.Call) -> HzdslError:
        assert isinstance(e.function, s.Name)
        for argument in e.arguments:
            self.check_root(argument)
        name, n = e.function.name, len(e.arguments)
        if name.casefold() in w.ATTRIBUTES and n == 1:
            self.object(e.arguments[0])  # says that it is none
        known = ("size", *w.REDUCERS, "dR", "dPhi", "dEta", "fHT", "sqrt", "exp", "log", "sin", "cos", "abs")
        if name.casefold() in {*w.REDUCERS, *w.OF_TWO, *w.MATHEMATICS, *w.SUMS, *w.COUNTS}:
            what = f"{name} does not take {n} argument{'s' if n != 1 else ''}"
            return self.error("arguments", what, e, "dR, dPhi, dEta: two objects; the others: one expression")
        if name.casefold() == "constituents":
            return self.error("unsupported", "constituents of an object are not in this version", e)
        what = f"'{name}' of {n} argument{'s' if n != 1 else ''} is no function of ADL that is known here"
        fix = f"known: {', '.join(known)}, and attributes of an object; write it out with define"
        return self.error("unsupported", what, e, fix)

    def _attribute(self, e: s.Attribute) -> s.Expr:
        if e.name.casefold() in w.COUNTS and self.is_object(e.owner):
            return call(e, "count", self.object(e.owner))
        if isinstance(e.owner, s.Name) and self.is_single(e.owner) and self.is_single(replace(e.owner, name=e.name)):
            return self.value(e.owner)  # MET.MET
        name = named(e, e.name)
        return self._attribute_of(replace(name, start=e.end - len(e.name)), self.object(e.owner), e.name)

    def _attribute_of(self, e: s.Expr, owner: s.Expr, name: str) -> s.Expr:
        if name.casefold() == "abseta":
            return call(e, "abs", s.Attribute(*at(e), owner, "eta"))
        attribute = self.registry.words.attribute(name)
        return s.Attribute(e.start, e.start + len(attribute), owner.depth + 1, owner, attribute)


_Handler = Callable[[Translator, Any], s.Expr]
_VALUES: Mapping[type, _Handler] = {
    s.Number: Translator._same,
    s.Name: Translator._name,
    s.Chain: Translator._chain,
    s.Logic: Translator._logic,
    s.Comparison: Translator._comparison,
    s.Unary: Translator._unary,
    s.Power: Translator._power,
    s.Attribute: Translator._attribute,
    s.Call: Translator._call,
    s.Index: Translator.object,
    s.Slice: Translator.object,
    Between: Translator._between,
    Near: Translator._near,
    Choice: Translator._choice,
    Beside: Translator.object,
}
