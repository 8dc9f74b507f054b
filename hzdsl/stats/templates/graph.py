"""The one graph of all binned models: -ln L, with sums over bins, processes and effects, whatever their number.

STATS §3.2-3.4 for Combine's rules, HistFactory's (CERN-OPEN-2012-016; codes as in pyhf) beside them. A part of the
graph that a model does not need is left out: `Parts` says what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hzdsl.ir.algebra import (
    along,
    apply,
    chosen,
    function,
    larger,
    less,
    minus,
    number,
    over,
    plus,
    sign,
    squared,
    times,
    total,
)
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.records import dataclass
from hzdsl.stats.constraints import poisson
from hzdsl.stats.lists import numbers, of, parameter, reference
from hzdsl.stats.templates.axes import BINS, CELLS, CHANNELS, COUNTS, OF_CELL, PROCESSES, effects, in_cells


@dataclass(frozen=True)
class Parts:
    """What a model has of what models can have.

    Parameters
    ----------
    norms, shapes, log_shapes : tuple of str
        The rules of effects that occur.
    factors : int
        At most so many parameters multiply one process.
    scales : tuple of Node
        The distinct expressions that multiply processes.
    cell_gammas : int
        At most so many parameters multiply one cell.
    added : bool
        Parameters are added to single cells.
    cell_scales : tuple of Node
        The distinct expressions that multiply cells.
    bin_floors : bool
        Expectations of bins have a least value.
    """

    norms: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    log_shapes: bool = False
    factors: int = 0
    scales: tuple[Node, ...] = ()
    bin_gammas: bool = False
    cell_gammas: int = 0
    added: bool = False
    cell_scales: tuple[Node, ...] = ()
    bin_floors: bool = False
    floors: bool = False
    normalized: bool = False
    profiled: bool = False
    masks: bool = False


#: The columns of bins whose Barlow-Beeston parameter is frozen: which are, and where it stays.
FROZEN, HELD = "bins.frozen", "bins.held"
#: In the place of factors of 0 and less, which a straight line reaches: they have no logarithm.
_LEAST = 1e-300


# ---- how effects follow their parameter ----------------------------------------------------------------------------


def _absolute(x: Node) -> Node:
    return apply("abs", x)


def _inside(x: Node, edge: Node) -> Node:
    return less(_absolute(x), edge)


def smoothsign(x: Node, edge: Node) -> Node:
    """Return -1 below -edge, 1 above edge, between them the odd polynomial of degree 5 with two smooth derivatives."""
    inside = _inside(x, edge)
    u = over(chosen(inside, x, number(0)), edge)
    v = squared(u)
    inner = times(times(u, number(0.125)), plus(times(v, minus(times(v, number(3)), number(10))), number(15)))
    return chosen(inside, inner, sign(x))


def _log_norms(rule: str) -> Node:
    """Return the logarithm of the factors of one rule, along the effects."""
    axis = effects(f"norms.{rule}")
    x = parameter(axis, f"norms.{rule}.parameter")
    return log_norm(rule, x, lambda name: numbers(axis, f"norms.{rule}.{name}"))


def log_norm(rule: str, x: Node, coefficient: Callable[[str], Node]) -> Node:
    """Return the logarithm of a factor that follows x by a rule, with the numbers of `norms.coefficients`."""
    odd, even = coefficient("odd"), coefficient("even")
    if rule == "combine":
        return plus(times(x, odd), times(times(x, smoothsign(x, number(0.5))), even))
    if rule == "code0":
        factor = plus(number(1), plus(times(x, odd), times(_absolute(x), even)))
        return function("log", chosen(less(number(_LEAST), factor), factor, number(_LEAST)))
    exponential = plus(times(x, odd), times(_absolute(x), even))
    if rule == "code1":
        return exponential
    inside = _inside(x, number(1))
    u = chosen(inside, x, number(0))
    polynomial = number(0)
    for k in range(6, 0, -1):
        polynomial = times(u, plus(coefficient(f"a{k}"), polynomial))
    return chosen(inside, function("log", plus(number(1), polynomial)), exponential)


def _shape_weights(rule: str, axis: Node, name: str) -> tuple[Node, Node]:
    """Return by what half of the difference and of the sum of up and down are multiplied, along the effects."""
    x = times(parameter(axis, f"{name}.parameter"), numbers(axis, f"{name}.scale"))
    if rule in ("combine", "code4p"):
        return x, times(x, smoothsign(x, numbers(axis, f"{name}.joined")))
    if rule == "code0":
        return x, _absolute(x)
    inside = _inside(x, number(1))
    return x, chosen(inside, squared(x), minus(times(number(2), _absolute(x)), number(1)))


# ---- expectations --------------------------------------------------------------------------------------------------


def yields(parts: Parts) -> Node:
    """Return by what the contents of each process are multiplied."""
    found = numbers(PROCESSES, "processes.rate")
    logs = [total(_log_norms(rule), effects(f"norms.{rule}")) for rule in parts.norms]
    if logs:
        exponent = logs[0]
        for more in logs[1:]:
            exponent = plus(exponent, more)
        found = times(found, function("exp", exponent))
    for k in range(parts.factors):
        found = times(found, parameter(PROCESSES, f"processes.factor{k}"))
    return times(found, _chosen_of(parts.scales, PROCESSES, "processes.scale")) if parts.scales else found


def _chosen_of(expressions: Sequence[Node], axis: Node, name: str) -> Node:
    """Return the expression that a column along an axis names."""
    row = row_of(expressions)
    return of(reference(axis, name, row), make("stack", *expressions, row))


def row_of(expressions: Sequence[Node]) -> Node:
    """Return the axis of a row of expressions."""
    return make("row", EVENT, n=len(expressions))


def _shifts(rules: Sequence[str], name: str) -> Node:
    """Return what shapes add to the contents of each cell."""
    found = number(0)
    for rule in rules:
        label = f"{name}.{rule}"
        axis = effects(label)
        cells = in_cells(axis)
        effect = make("under", cells)
        odd, even = _shape_weights(rule, axis, label)
        shift = plus(
            times(of(effect, along(odd, axis)), numbers(cells, f"{label}.odd")),
            times(of(effect, along(even, axis)), numbers(cells, f"{label}.even")),
        )
        found = plus(found, total(shift, cells))
    return found


def _of_process(name: str) -> Node:
    return of(OF_CELL, numbers(PROCESSES, name))


def contents(parts: Parts) -> Node:
    """Return the contents of each cell after shapes, per unit of the yield of its process."""
    nominal = numbers(CELLS, "cells.nominal")
    found = plus(nominal, _shifts(parts.shapes, "shapes"))
    if parts.log_shapes:
        found = _log_shaped(nominal, found)
    if parts.floors:
        floor = _of_process("processes.floor")
        found = larger(found, floor)
    if parts.normalized:
        integral = make("collect", along(found, CELLS), OF_CELL)
        found = over(found, of(OF_CELL, chosen(_flag(PROCESSES, "processes.normalized"), integral, number(1))))
    return found


def _log_shaped(nominal: Node, other: Node) -> Node:
    """Return h0 exp(shifts), rescaled to the integral of h0, for the processes that are shaped so (STATS §3.3)."""
    moved = times(nominal, function("exp", _shifts(("combine",), "log_shapes")))
    before, after = (make("collect", along(x, CELLS), OF_CELL) for x in (nominal, moved))
    flag = _flag(PROCESSES, "processes.log_shaped")
    scale = over(chosen(flag, before, number(1)), chosen(flag, after, number(1)))
    return chosen(of(OF_CELL, flag), times(moved, of(OF_CELL, scale)), other)


def _flag(axis: Node, name: str) -> Node:
    return less(number(0.5), numbers(axis, name))


def expected(parts: Parts) -> Node:
    """Return what is expected of each process in each bin."""
    return along(times(of(OF_CELL, along(yields(parts), PROCESSES)), _gammas(parts, contents(parts))), CELLS)


def _gammas(parts: Parts, found: Node) -> Node:
    """Return contents with the parameters of single bins."""
    if parts.bin_gammas:
        gamma = parameter(BINS, "bins.gamma")
        share = _of_process("processes.in_gamma")
        found = times(found, plus(number(1), times(share, minus(gamma, number(1)))))
    for k in range(parts.cell_gammas):
        found = times(found, parameter(CELLS, f"cells.gamma{k}"))
    if parts.added:
        found = plus(found, times(parameter(CELLS, "cells.added"), numbers(CELLS, "cells.added_error")))
    return times(found, _chosen_of(parts.cell_scales, CELLS, "cells.scale")) if parts.cell_scales else found


def _means(parts: Parts) -> Node:
    """Return what is expected in each bin."""
    found = total(expected(parts), CELLS)
    if not parts.bin_floors:
        return found
    floor = along(numbers(CHANNELS, "channels.floor"), BINS)
    return larger(found, floor)


# ---- the likelihood ------------------------------------------------------------------------------------------------


def best_shift(mean: Node, error: Node, count: Node, center: Node) -> Node:
    """Return the Barlow-Beeston parameter of a bin at its minimum.

    STATS §3.4: the analytic minimum of λ - d ln λ + ½(ν - g)² with λ = n + ν e.
    """
    ratio = over(mean, error)
    b = minus(plus(error, ratio), center)
    c = minus(minus(mean, count), times(ratio, center))
    root = function("sqrt", minus(squared(b), times(number(4), c)))
    t = times(number(-0.5), plus(b, times(sign(b), root)))
    other = over(c, t)
    return larger(t, other)


def negative_log_likelihood(parts: Parts) -> Node:
    """Return -ln L of the channels up to what does not depend on parameters."""
    mean = _means(parts)
    term = poisson(COUNTS, mean)
    if parts.profiled:
        flag = _flag(BINS, "bins.profiled")
        shift, added = shifts(parts, mean)
        constraint = times(number(0.5), squared(minus(shift, numbers(BINS, "bins.center"))))
        term = chosen(flag, plus(poisson(COUNTS, plus(mean, added)), constraint), term)
    if parts.masks:
        mask = times(numbers(CHANNELS, "channels.masked"), parameter(CHANNELS, "channels.mask"))
        shown = apply("eq", mask, number(0))
        term = chosen(along(shown, BINS), term, number(0))
    return total(total(along(term, BINS), BINS), CHANNELS)


def shifts(parts: Parts, mean: Node) -> tuple[Node, Node]:
    """Return the Barlow-Beeston parameter of each bin that has one, and what it adds to the expectation.

    Where nothing is expected of what has errors (a signal at r = 0), it stays where it was measured. One that is frozen
    is a number: its bin's error still follows the yields, as that of an explicit parameter does.
    """
    square, center = _variance(parts), numbers(BINS, "bins.center")
    uncertain = apply("and", _flag(BINS, "bins.profiled"), less(number(0), square))
    width = function("sqrt", chosen(uncertain, square, number(1)))
    shift = chosen(uncertain, best_shift(mean, width, COUNTS, center), center)
    shift = chosen(_flag(BINS, FROZEN), numbers(BINS, HELD), shift)
    return shift, chosen(uncertain, times(shift, width), number(0))


def _variance(parts: Parts) -> Node:
    """Return the variance of each bin's expectation by limited simulation."""
    error = times(of(OF_CELL, along(yields(parts), PROCESSES)), numbers(CELLS, "cells.error"))
    return total(squared(error), CELLS)


def profiled_effects(parts: Parts) -> tuple[Node, Node, Node, Node, Node]:
    """Return `shifts`, the error of each bin by simulation, n / λ², and 1 where it is frozen: 0 where there is none."""
    flag, mean = _flag(BINS, "bins.profiled"), _means(parts)
    shift, added = shifts(parts, mean)
    pull = over(COUNTS, squared(plus(mean, added)))
    pull = chosen(less(number(0), COUNTS), pull, number(0))
    effects = (shift, added, function("sqrt", _variance(parts)), pull, numbers(BINS, FROZEN))
    shift, added, error, pull, frozen = (along(chosen(flag, x, number(0)), BINS) for x in effects)
    return shift, added, error, pull, frozen
