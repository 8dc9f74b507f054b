"""What a binned model is made of, as data: channels, processes and how parameters change them.

Combine's cards, HistFactory and HS3 documents and a user's own histograms become these records; `hzdsl.stats.templates`
turns them into one likelihood whose graph does not grow with their number.

Of a process with the contents h0 in the bins of its channel the expectation is

    N · Π norms · Π factors · scale · (Π gammas(bin) · h(bin) + added(bin)),

    h = h0 + Σ shapes   (or h0 exp(Σ shapes), rescaled),

and of a bin the sum over its processes, λ, of which its count is a Poisson number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np

from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.fields import (
    array,
    choice,
    instance,
    is_finite,
    name,
    names_of_bins,
    number,
    plain,
    put,
    several,
    switch,
    wrong,
)
from hzdsl.stats.likelihood import Flags
from hzdsl.stats.parameters import Parameters, Vector

#: How a normalisation follows its parameter between and beyond the factors known at -1 and +1.
#: `combine` is STATS §3.2's lk (joined at ½); the codes are HistFactory's: linear, exponential, joined at 1 by a
#: polynomial of degree 6.
NormRule = Literal["combine", "code0", "code1", "code4"]
#: How a shape does; `combine` and `code4p` are the same polynomial, joined at `joined`.
ShapeRule = Literal["combine", "code0", "code2", "code4p"]


def factors_fit(rule: NormRule, *factors: float) -> bool:
    """Return whether a rule can interpolate factors: all but `code0` do it in their logarithms."""
    return rule == "code0" or all(x > 0 for x in factors)


@dataclass(frozen=True)
class Norm:
    """A factor that is `up` at +1, `down` at -1 and 1 at 0 of its parameter."""

    parameter: str
    up: float
    down: float
    rule: NormRule = "combine"

    def __post_init__(self) -> None:
        """Refuse what is no factor."""
        name("the parameter of a factor", self.parameter)
        if not (is_finite(self.up) and is_finite(self.down)):
            raise wrong(f"the factors of '{self.parameter}'", (self.up, self.down), "numbers: Norm('lumi', 1.02, 0.98)")
        choice(f"the rule of '{self.parameter}'", self.rule, get_args(NormRule))
        if not factors_fit(self.rule, self.up, self.down):
            fix = "give factors above 0: they are interpolated in their logarithms"
            raise wrong(f"the factors of '{self.parameter}'", (plain(self.up), plain(self.down)), fix)


@dataclass(frozen=True)
class Factor:
    """The parameter itself (or one of its powers) multiplies the process."""

    parameter: str

    def __post_init__(self) -> None:
        """Refuse what is no name."""
        name("the parameter of a factor", self.parameter)


@dataclass(frozen=True, eq=False)
class Shape:
    """Contents that are h0 + up at +1 and h0 + down at -1 of x = `scale` times its parameter.

    `up` and `down` are differences to h0, or, where `log`, logarithms of ratios to it. `joined` is for the rules
    `combine` and `code4p`; code 2 is joined at 1. All logarithmic shapes follow `combine`.
    """

    parameter: str
    up: Vector
    down: Vector
    rule: ShapeRule = "combine"
    scale: float = 1.0
    joined: float = 1.0
    log: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no shape."""
        name("the parameter of a shape", self.parameter)
        where = f"shape '{self.parameter}'"
        put(self, up=array(f"the up of {where}", self.up), down=array(f"the down of {where}", self.down))
        choice(f"the rule of {where}", self.rule, get_args(ShapeRule))
        number(f"the scale of {where}", self.scale)
        number(f"where {where} is joined", self.joined)
        switch(f"whether {where} is of logarithms", self.log)


@dataclass(frozen=True, eq=False)
class Gammas:
    """Factors of single bins: for each bin the parameter that multiplies it, or None."""

    parameters: tuple[str | None, ...]

    def __post_init__(self) -> None:
        """Refuse what are no names."""
        put(self, parameters=names_of_bins("the parameters of bins", self.parameters))


@dataclass(frozen=True, eq=False)
class Added:
    """Terms of single bins: for each bin the parameter that is added `errors` times, or None.

    Like contents they are per unit of the yield; shapes do not change them.
    """

    parameters: tuple[str | None, ...]
    errors: Vector

    def __post_init__(self) -> None:
        """Refuse what are no names and no numbers."""
        put(self, parameters=names_of_bins("the parameters that are added to bins", self.parameters))
        put(self, errors=array("the errors of what is added to bins", self.errors))


#: What a process has several of.
_EFFECTS = {"norms": Norm, "factors": Factor, "shapes": Shape, "gammas": Gammas}


@dataclass(frozen=True, eq=False)
class Process:
    """What contributes to a channel.

    Parameters
    ----------
    name : str
        Of the process.
    contents : array of shape (bins,)
        h0.
    rate : float
        N; contents are multiplied by it.
    errors : array of shape (bins,), optional
        Statistical errors of h0, for `Channel.profiled`; they are not morphed, and follow N and the factors.
    norms, factors, shapes, gammas
        What changes it.
    added : Added, optional
        What is added to its bins after shapes and floor.
    bin_scales : tuple of Node, optional
        Expressions of parameters that multiply single bins, one for each (RooParametricHist).
    scale : Node, optional
        A further factor, an expression of parameters (`param` nodes along the event axis): a physics model, a formula.
    signal : bool
        Whether it is signal.
    floor : float, optional
        No content is less (Combine: 1e-9), after shapes were applied.
    normalized : bool
        h is rescaled to the integral 1 after shapes and floor (Combine without autoMCStats).
    """

    name: str
    contents: Vector
    rate: float = 1.0
    errors: Vector | None = None
    norms: tuple[Norm, ...] = ()
    factors: tuple[Factor, ...] = ()
    shapes: tuple[Shape, ...] = ()
    gammas: tuple[Gammas, ...] = ()
    added: Added | None = None
    scale: Node | None = None
    bin_scales: tuple[Node, ...] | None = None
    signal: bool = False
    floor: float | None = None
    normalized: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no process; lists become arrays."""
        name("the name of a process", self.name)
        where = f"process '{self.name}'"
        number(f"the rate of {where}", self.rate)
        put(self, contents=array(f"the contents of {where}", self.contents))
        if self.errors is not None:
            put(self, errors=array(f"the errors of {where}", self.errors))
        if self.floor is not None:
            number(f"the floor of {where}", self.floor)
        for field, kind in _EFFECTS.items():
            put(self, **{field: several(f"the {field} of {where}", getattr(self, field), kind)})
        instance(f"what is added to {where}", self.added, Added, "Added(parameters, errors)")
        instance(f"the scale of {where}", self.scale, Node, "the node of an expression of parameters: value.node")
        if self.bin_scales is not None:
            put(self, bin_scales=several(f"the factors of bins of {where}", self.bin_scales, Node))
        switch(f"signal of {where}", self.signal)
        switch(f"normalized of {where}", self.normalized)

    def of_whole(self) -> Iterator[str]:
        """Yield the parameters that change all of it, apart from those of expressions."""
        yield from (x.parameter for of in (self.norms, self.factors, self.shapes) for x in of)

    def of_bins(self) -> Iterator[tuple[int, str]]:
        """Yield the parameters of single bins, each with its bin, apart from those of expressions."""
        for found in (*self.gammas, *(() if self.added is None else (self.added,))):
            yield from ((b, name) for b, name in enumerate(found.parameters) if name is not None)

    def __repr__(self) -> str:
        changed = dict.fromkeys(self.of_whole())
        kind = "signal" if self.signal else "process"
        events = f"{self.rate * float(np.sum(self.contents)):.6g} events in {np.size(self.contents)} bins"
        return f"<{kind} {self.name}: {'; '.join([events, *([', '.join(changed)] if changed else [])])}>"


@dataclass(frozen=True, eq=False)
class Channel:
    """Bins that are counted together.

    Parameters
    ----------
    name : str
        Of the channel.
    processes : tuple of Process
        What contributes.
    counts : array of shape (bins,)
        What was observed (any real number, as Asimov data are).
    edges : array of shape (bins + 1,), optional
        Of the observable, for plots.
    label : str
        Of the observable with its unit, for plots.
    profiled : array of bool, shape (bins,), optional
        Bins with one Gaussian Barlow-Beeston parameter, which is profiled analytically (STATS §3.4).
    floor : float, optional
        No bin expects less (Combine: 1e-9): parameters of single bins may reach below 0.
    mask : str, optional
        A parameter that switches the channel off where it is not 0.
    """

    name: str
    processes: tuple[Process, ...]
    counts: Vector
    edges: Vector | None = None
    label: str = ""
    profiled: Flags | None = None
    floor: float | None = None
    mask: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no channel; lists become arrays."""
        name("the name of a channel", self.name)
        where = f"channel '{self.name}'"
        put(self, counts=array(f"the counts of {where}", self.counts))
        put(self, processes=several(f"the processes of {where}", self.processes, Process))
        if self.edges is not None:
            put(self, edges=_edges(f"the edges of {where}", self.edges, len(self.counts)))
        if self.profiled is not None:
            put(self, profiled=array(f"the flags of profiled bins of {where}", self.profiled).astype(bool))
        if self.floor is not None:
            number(f"the floor of {where}", self.floor)
        instance(f"the label of {where}", self.label, str, "the observable with its unit, as text")
        if self.mask is not None:
            name(f"the mask of {where}", self.mask)

    def __repr__(self) -> str:
        made_of = ", ".join(p.name for p in self.processes)
        return f"<channel {self.name}: {np.size(self.counts)} bins, {float(np.sum(self.counts)):g} events; {made_of}>"


def _edges(what: str, given: Any, bins: int) -> Vector:
    """Return the edges of bins: one more than there are bins, and ascending."""
    found = array(what, given)
    if len(found) != bins + 1 or not np.isfinite(found).all() or not (np.diff(found) > 0).all():
        raise wrong(what, given, f"{bins + 1} numbers for {bins} bins, ascending")
    return found


@dataclass(frozen=True, eq=False)
class TemplateModel:
    """Channels, and all the parameters that they name."""

    channels: tuple[Channel, ...]
    parameters: Parameters

    def __post_init__(self) -> None:
        """Refuse what is no model; one channel alone stands for itself."""
        put(self, channels=several("the channels of a model", self.channels, Channel))
        if not isinstance(self.parameters, Parameters):
            raise wrong("the parameters of a model", self.parameters, "Parameters([Parameter('r', 1.0), …])")

    def __repr__(self) -> str:
        return f"<template model of {', '.join(c.name for c in self.channels)}; {self.parameters!r}>"
