"""`constr` lines: a normal term of a formula of parameters, for regularised unfolding.

Combine makes of ``NAME constr FORMULA WIDTH`` a RooGaussian of 0 with the formula as its mean (ModelTools.doNuisances):
½ (formula / width)² is added to -ln L, so that a width of 1/√τ is Tikhonov's τ |formula|² in -2 ln L. It has no global
observable: toys do not move it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.algebra import number, over, squared, times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.records import Card, Constr
from hzdsl.stats.formulas import formula

#: A name that is no function: one that no bracket or :: follows, nor a digit, a point or @ precedes.
_NAME = re.compile(r"(?<![\w.@:])[A-Za-z_]\w*(?!\w|\s*\(|::)")
#: ``0.01``, or ``delta[0.01]``: a constant with a name.
_WIDTH = re.compile(r"(?:[A-Za-z_]\w*\[)?([^\[\]]+)\]?")


def regularisation(card: Card, parameters: Collection[str]) -> list[Node]:
    """Return what the `constr` lines of a card add to -ln L.

    Parameters
    ----------
    card : Card
        Its edits were applied.
    parameters : collection of str
        All that the model has.

    Raises
    ------
    HzdslError
        ``datacard`` with the line: a formula of something else, or that cannot be read; a width that is no number.
    """
    return [_term(line, parameters) for line in card.of(Constr)]


def _term(line: Constr, parameters: Collection[str]) -> Node:
    names = [n for n in line.arguments.strip("{}").split(",") if n] or list(dict.fromkeys(_NAME.findall(line.formula)))
    for name in names:
        if name not in parameters:
            fix = did_you_mean(name, parameters) or f"there are {', '.join(list(parameters)[:8])}"
            raise wrong(f"the constr line {line.name} is of {name}, which is no parameter", line.place, fix)
    try:
        value = formula(line.formula, {name: param(name, 0.0) for name in names})
    except HzdslError as error:
        what = f"the formula {line.formula} of the constr line {line.name}: {error.message}"
        fix = error.fix or "write it as ROOT's formulas are, without spaces: @0-2*@1"
        raise wrong(what, line.place, fix) from None
    return times(number(0.5), squared(over(value, number(_width(line)))))


def _width(line: Constr) -> float:
    match = _WIDTH.fullmatch(line.width)
    try:
        found = float(match[1]) if match else 0.0
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        what = f"the width {line.width} of the constr line {line.name} is no number above 0"
        raise wrong(what, line.place, "write 0.03, or a constant with a name: delta[0.03]")
    return found
