"""What a HistFactory document says, as records: channels, samples, modifiers and measurements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hzdsl.records import dataclass
from hzdsl.stats.documents import Value
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import NormRule, ShapeRule

#: Kinds of modifiers, in the order in which pyhf asks them for parameters.
Kind = Literal["histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror"]
KINDS: tuple[Kind, ...] = ("histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror")
#: What is said of a parameter of each kind.
MEANINGS: Mapping[str, str] = {
    "histosys": "shape uncertainty",
    "lumi": "luminosity",
    "normfactor": "normalisation",
    "normsys": "normalisation uncertainty",
    "shapefactor": "free content of a bin",
    "shapesys": "uncertainty of a bin",
    "staterror": "statistical uncertainty of a bin",
}


@dataclass(frozen=True, eq=False)
class Modifier:
    """How a parameter, or one of each bin, changes a sample.

    Parameters
    ----------
    name : str
        Of its parameters.
    kind : str
        One of `KINDS`.
    at : Value
        Where it is said.
    low, high : array
        Contents at -1 and +1 (histosys, shape (bins,)), or factors (normsys, shape (1,)).
    errors : array of shape (bins,)
        Absolute errors of the contents (shapesys, staterror).
    norm_rule, shape_rule : str, optional
        How it interpolates, where the document says it (HS3's do).
    """

    name: str
    kind: Kind
    at: Value
    low: Vector | None = None
    high: Vector | None = None
    errors: Vector | None = None
    norm_rule: NormRule | None = None
    shape_rule: ShapeRule | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """What contributes to a channel: contents of shape (bins,) and what changes them."""

    name: str
    contents: Vector
    modifiers: tuple[Modifier, ...]
    at: Value


@dataclass(frozen=True, eq=False)
class Region:
    """A channel with what was observed in its bins."""

    name: str
    samples: tuple[Sample, ...]
    counts: Vector
    at: Value


@dataclass(frozen=True, eq=False)
class Settings:
    """What a measurement says of one set of parameters; None where it says nothing."""

    name: str
    at: Value
    inits: Vector | None = None
    bounds: tuple[tuple[float, float], ...] | None = None
    auxdata: Vector | None = None
    factors: Vector | None = None
    sigmas: Vector | None = None
    fixed: bool | None = None


@dataclass(frozen=True, eq=False)
class Measurement:
    """Which parameter is of interest (none where the name is empty), and settings by the name of the set."""

    name: str
    poi: str
    settings: Mapping[str, Settings]
    at: Value


@dataclass(frozen=True)
class Rules:
    """How normsys and histosys interpolate: no document says it, pyhf's own defaults are these."""

    normsys: NormRule = "code4"
    histosys: ShapeRule = "code4p"
