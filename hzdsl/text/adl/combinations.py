"""Combinations as ADL writes them: ``comb(muons[-1] muons[-1])``, ``disjoint(leptons l1, leptons l2)``."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.errors import HzdslError
from hzdsl.lang.functions import MOST_LEGS
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl.nodes import Beside
from hzdsl.text.adl.references import call, named
from hzdsl.text.adl.registry import negative
from hzdsl.text.adl.translate import Translator

COMBINATORS = frozenset({"comb", "disjoint", "cartesian"})


@dataclass(frozen=True)
class Combination:
    """What is combined, how the parts are called, and the expression of all candidates."""

    legs: dict[tuple[str, int], str]
    members: dict[str, str]
    candidates: s.Expr


def is_combination(e: s.Expr) -> bool:
    """Return whether an expression is a call of ``comb``, ``disjoint`` or ``cartesian``."""
    return isinstance(e, s.Call) and isinstance(e.function, s.Name) and e.function.name.casefold() in COMBINATORS


def combination(e: s.Call, translator: Translator) -> Combination:
    """Return the combination that a call stands for."""
    assert isinstance(e.function, s.Name)
    if e.function.name.casefold() == "comb":
        return open_combination(e, _parts(e), translator)
    members: dict[str, str] = {}
    collections = []
    for k, x in enumerate(e.arguments):
        if not (isinstance(x, Beside) and len(x.items) == 2 and isinstance(x.items[1], s.Name)):
            fix = f"{e.function.name}(leptons l1, leptons l2)"
            raise translator.error("arguments", f"{e.function.name} takes collections with names", x, fix)
        if x.items[1].name in members:
            raise translator.error("name-twice", f"two members are called '{x.items[1].name}'", x)
        members[x.items[1].name] = f"leg{k + 1}"
        collections.append(x.items[0])
    return Combination({}, members, candidates(e, collections, translator))


def open_combination(e: s.Expr, parts: Sequence[s.Expr], translator: Translator, alone: bool = False) -> Combination:
    """Return the combination of ``jets[-1] jets[-2]``; of ``jets[-1]``, where that may stand `alone`."""
    collections: list[s.Expr] = []
    for part in parts:
        found = negative(part)
        if found is None:
            fix = "comb(muons[-1] muons[-2])"
            raise translator.error("arguments", "a combination is of open indices, [-1], [-2] …", part, fix)
        collections.append(named(part, found[0]))
    return Combination(_legs(parts), {}, candidates(e, collections, translator, alone))


def legs_of(e: s.Call) -> dict[tuple[str, int], str]:
    """Return which leg of ``comb(jets[-1] jets[-2])`` each open index is; nothing for the other combinators."""
    assert isinstance(e.function, s.Name)
    return _legs(_parts(e)) if e.function.name.casefold() == "comb" else {}


def _parts(e: s.Call) -> list[s.Expr]:
    return [x for a in e.arguments for x in added(a)]


def _legs(parts: Sequence[s.Expr]) -> dict[tuple[str, int], str]:
    legs: dict[tuple[str, int], str] = {}
    for k, part in enumerate(parts):
        found = negative(part)
        if found is not None:
            legs.setdefault(found, f"leg{k + 1}")
    return legs


def added(e: s.Expr) -> tuple[s.Expr, ...]:
    """Return the objects that stand side by side, or are added."""
    if isinstance(e, Beside):
        return e.items
    if isinstance(e, s.Chain) and all(op == "+" for op, _ in e.rest):
        return (e.first, *(x for _, x in e.rest))
    return (e,)


def candidates(e: s.Expr, collections: Sequence[s.Expr], translator: Translator, alone: bool = False) -> s.Expr:
    """Return all candidates: unordered choices of one collection, or one element each of several.

    `alone` says that one collection may be all there is: its elements are the candidates.
    """
    n, made = len(collections), [translator.object(c) for c in collections]
    if alone and n == 1:
        return made[0]
    different = len({s.shape(x) for x in made})
    name = {2: "pair", 3: "triple"}.get(n)
    if n < 2 or n > MOST_LEGS:
        raise translator.error("arguments", f"a combination is of 2 to {MOST_LEGS} objects", e)
    if different == 1:
        if name is not None:
            return call(e, name, made[0])
        return call(e, "combinations", made[0], s.Number(e.start, e.end, 1, n))
    if different == n and name is not None:
        return call(e, name, *made)
    raise _mixed(e, translator)


def _mixed(e: s.Expr, translator: Translator) -> HzdslError:
    what = "combinations take any number of objects of one collection, or one each of two or three"
    return translator.error("unsupported", what, e, "combine in two steps: a composite of two, then with the third")
