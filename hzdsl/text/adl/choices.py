"""Choosing the candidates at which an expression is nearest to a number: ``~=`` and ``~!``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hzdsl.text import syntax as s
from hzdsl.text.adl.combinations import added, open_combination
from hzdsl.text.adl.nodes import Fitted, Near
from hzdsl.text.adl.references import at, call, method, named
from hzdsl.text.adl.registry import negative, walk
from hzdsl.text.adl.state import State
from hzdsl.text.adl.translate import Translator
from hzdsl.text.source import Source

#: Evaluates the translation of something that stands in a line.
Run = Callable[[s.Expr, Source], Any]


def choose(state: State, e: Near, translator: Translator, kept: bool, run: Run) -> s.Expr:
    """Choose what an expression speaks of with open indices; return the condition that there is such a choice.

    Several combinations are chosen together: of all their choices that share no particle.
    """
    registry = translator.registry
    names = sorted({n for side in (e.value, e.target) for n in registry.open_in(side) if n not in state.bound})
    if not names or not kept:
        what = "'~=' and '~!' choose combinations with open indices; here there is nothing to be chosen"
        what = what if kept else "'~=' and '~!' choose, and cannot be rejected"
        raise translator.error("unsupported", what, e, "define Z = Muo[-1] Muo[-1], and select m(Z) ~= 91.2")
    _check_apart(names, e, translator)
    for name in names:
        define = registry.defines[name]
        made = open_combination(define.tree, added(define.tree), replace(translator, source=define.source), alone=True)
        state.values[f"{name} candidates"] = run(made.candidates, define.source)
    every = " and ".join(names)
    state.values[f"{every} together"] = run(_together(e, names), translator.source)
    parts = _parts(named(e, f"{every} together"), names)
    for name, part in parts.items():
        state.values[f"{name} each"] = run(part, translator.source)
    each = {name: (f"{name} each", False) for name in names}
    tree = _best(e, replace(translator, bound={**state.bound, **each}), named(e, f"{every} together"), names)
    state.values[f"{every} chosen"] = run(tree, translator.source)
    for name, part in _parts(named(e, f"{every} chosen"), names).items():
        state.values[f"{name} chosen"] = run(part, translator.source)
        state.bound[name] = (f"{name} chosen", False)
    return s.Attribute(*at(e), named(e, f"{every} chosen"), "exists")


def _check_apart(names: list[str], e: Near, translator: Translator) -> None:
    """Refuse one open index in two definitions: they would be one particle, and not two."""
    found: dict[tuple[str, int], str] = {}
    for name in names:
        for index in {n for x in walk(translator.registry.defines[name].tree) if (n := negative(x)) is not None}:
            if index in found:
                what = f"{index[0]}[{index[1]}] is a part of {found[index]} and of {name}"
                fix = "give the particles of the one other indices than those of the other"
                raise translator.error("unsupported", what, e, fix)
            found[index] = name


def _together(e: s.Expr, names: list[str]) -> s.Expr:
    """Return all choices of several combinations: pairs of pairs, in which no particle is used twice."""
    if len(names) == 1:
        return named(e, f"{names[0]} candidates")
    half = (len(names) + 1) // 2
    legs = (("first", _together(e, names[:half])), ("second", _together(e, names[half:])))
    return s.Call(*at(e), named(e, "pair"), (), legs)


def _parts(whole: s.Expr, names: list[str]) -> dict[str, s.Expr]:
    """Return where in a choice of several combinations each of them is."""
    if len(names) == 1:
        return {names[0]: whole}
    half = (len(names) + 1) // 2
    first, second = (s.Attribute(*at(whole), whole, leg) for leg in ("first", "second"))
    return {**_parts(first, names[:half]), **_parts(second, names[half:])}


def _best(e: Near, every: Translator, candidates: s.Expr, names: list[str]) -> s.Expr:
    value, target = every.value(e.value), every.value(e.target)
    if e.nearest and s.shape(value) == s.shape(s.Attribute(*at(e), named(e, f"{names[0]} each"), "mass")):
        return method(e, candidates, "nearest", target)
    distance = call(e, "abs", Fitted(*at(e), s.Chain(*at(e), value, (("-", target),))))
    return method(e, candidates, "argmin" if e.nearest else "argmax", distance)
