"""Physics models: by what each process is multiplied, as an expression of parameters of interest.

Combine's own (`HiggsAnalysis.CombinedLimit.PhysicsModel`, STATS §3.2) and the seed's branching fractions (STATS §4.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import minus, number, over, times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.fields import is_number, wrong
from hzdsl.stats.parameters import Parameter


class PhysicsModel(Protocol):
    """Scales the processes of cards."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it adds to the parameters of a card; those of interest are marked."""

    def scale(self, channel: str, process: str, signal: bool) -> str | Node | None:
        """Return by what a process is multiplied: a parameter, an expression of parameters, or None for 1."""


@dataclass(frozen=True)
class SignalStrength:
    """Combine's default: one strength r for everything that is signal."""

    low: float = 0.0
    high: float = 20.0
    name: str = "r"

    def __post_init__(self) -> None:
        """Refuse bounds that are none."""
        if not (is_number(self.low) and is_number(self.high) and self.low < self.high):
            raise wrong(f"the bounds of {self.name}", (self.low, self.high), "low below high", "parameter")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The strength."""
        doc = "signal strength: measured over predicted rate"
        start = min(max(1.0, self.low), self.high)
        return (Parameter(self.name, start, self.low, self.high, interest=True, step=0.1, doc=doc),)

    def scale(self, channel: str, process: str, signal: bool) -> str | None:
        """Return the strength for signal."""
        return self.name if signal else None


@dataclass(frozen=True)
class Strength:
    """One parameter of interest of several."""

    name: str
    value: float = 1.0
    low: float = 0.0
    high: float = 20.0

    def __post_init__(self) -> None:
        """Refuse bounds that are none, and a start outside of them."""
        numbers = (self.low, self.value, self.high)
        if (
            not isinstance(self.name, str)
            or not all(map(is_number, numbers))
            or not self.low <= self.value <= self.high
        ):
            fix = "Strength('r_ggH', value, low, high), the value between the bounds"
            raise wrong(f"the strength {self.name!r:.40} (low, value, high)", numbers, fix, "parameter")


@dataclass(frozen=True)
class Strengths:
    """Several strengths, each for the channels and processes that its pattern matches: Combine's multiSignalModel.

    Parameters
    ----------
    rules : sequence of (str, str)
        A regular expression of ``channel/process`` from the start, and the name of a strength, or ``0`` or ``1``; the
        last that matches counts.
    strengths : sequence of Strength
        What the names mean.
    signal_only : bool
        Only processes that the card calls signal are scaled.

    Examples
    --------
    >>> m = Strengths((("ch./ggH", "r_ggH"), (".*/qqH", "r_qqH")), (Strength("r_ggH"), Strength("r_qqH")))
    >>> m.scale("ch1", "ggH", True), m.scale("ch1", "bkg", False)
    ('r_ggH', None)
    """

    rules: Sequence[tuple[str, str]]
    strengths: Sequence[Strength]
    signal_only: bool = True

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The strengths."""
        doc = "signal strength: measured over predicted rate"
        return tuple(
            Parameter(s.name, s.value, s.low, s.high, interest=True, step=0.1, doc=doc) for s in self.strengths
        )

    def scale(self, channel: str, process: str, signal: bool) -> str | Node | None:
        """Return the strength whose pattern matches last."""
        if self.signal_only and not signal:
            return None
        found = None
        for pattern, name in self.rules:
            if re.match(pattern, f"{channel}/{process}"):
                found = name
        if found in (None, "1"):
            return None
        return number(0) if found == "0" else found


_MAP = re.compile(r"(?P<pattern>.+):(?P<name>[A-Za-z_]\w*|[01])(\[(?P<numbers>[^\]]*)\])?$")


def multi_signal(maps: Sequence[str]) -> Strengths:
    """Return the strengths of Combine's ``--PO map=PATTERN:NAME[START,LOW,HIGH]``.

    Raises
    ------
    HzdslError
        ``options`` where a map cannot be read, or a name was never given its range.

    Examples
    --------
    >>> multi_signal([".*/ggH:r_ggH[1,0,5]", ".*/qqH:r_qqH[1,-2,10]"]).strengths[1]
    Strength(name='r_qqH', value=1.0, low=-2.0, high=10.0)
    """
    rules, strengths = [], dict[str, Strength]()
    for text in maps:
        found = _MAP.match(text.removeprefix("map="))
        if found is None:
            fix = "write PATTERN:NAME[START,LOW,HIGH], e.g. .*/ggH:r_ggH[1,0,20]"
            raise HzdslError("options", f"the map '{text}' cannot be read", fix=fix)
        name = found["name"]
        rules.append((_pattern(found["pattern"], text), name))
        if found["numbers"] is not None:
            strengths[name] = Strength(name, *_three(found["numbers"], text))
        elif name not in ("0", "1") and name not in strengths:
            fix = f"give it in the first map that names it: {name}[1,0,20]"
            raise HzdslError("options", f"the map '{text}' says no range of {name}", fix=fix)
    return Strengths(tuple(rules), tuple(strengths.values()))


def _three(text: str, whole: str) -> tuple[float, float, float]:
    try:
        value, low, high = map(float, text.split(","))
    except ValueError:
        fix = "write NAME[START,LOW,HIGH]"
        raise HzdslError("options", f"the map '{whole}' has no three numbers", fix=fix) from None
    if not low <= value <= high:
        raise HzdslError(
            "options", f"the map '{whole}' does not start within its bounds", fix="write START between LOW and HIGH"
        )
    return value, low, high


def _pattern(text: str, whole: str) -> str:
    """Return a regular expression, which is one."""
    try:
        re.compile(text)
    except re.error as e:
        raise HzdslError(
            "options", f"the pattern of the map '{whole}' cannot be read: {e}", fix="write \\( for a bracket"
        ) from None
    return text


#: The words in names of processes that say how a Higgs boson was made, as Combine's HiggsProcesses has them.
PRODUCTION = ("ggH", "qqH", "WH", "ZH", "VH", "ttH", "tHq", "tHW", "bbH")


@dataclass(frozen=True)
class FloatingProduction:
    """A strength for each way of production: Combine's floatingXSHiggs.

    Parameters
    ----------
    modes : tuple of str
        Those that float, as `r_MODE`; others are multiplied by 1. VH takes WH and ZH along unless those float, too.
    """

    modes: tuple[str, ...] = ("ggH", "qqH", "VH", "ttH")
    low: float = 0.0
    high: float = 20.0

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The strengths."""
        return tuple(
            Parameter(f"r_{m}", 1.0, self.low, self.high, interest=True, step=0.1, doc=f"strength of {m} production")
            for m in self.modes
        )

    def scale(self, channel: str, process: str, signal: bool) -> str | None:
        """Return the strength of the mode that a process begins with."""
        mode = next((m for m in PRODUCTION if process == m or process.startswith(f"{m}_")), None)
        if not signal or mode is None:
            return None
        if mode in ("WH", "ZH") and mode not in self.modes:
            mode = "VH"
        return f"r_{mode}" if mode in self.modes else None


@dataclass(frozen=True)
class FinalStates:
    """Fiducial cross sections of H→4ℓ by final state, with K1 and K2 that move branching fractions (STATS §4.4).

    sigma scales all, K1 the share of 4e, K2 that of 4mu in what remains: their sum stays. At K1 = K2 = 1 they are as
    predicted.

    Parameters
    ----------
    f4e, f4mu : float
        The predicted shares.
    names : mapping of str to str
        Which words in names of processes mean 4e, 4mu and 2e2mu.
    """

    f4e: float
    f4mu: float
    names: Mapping[str, str]
    float_shares: bool = True
    high: float = 10.0

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """sigma, K1 and K2; bounds are those of shares between 0 and 1."""
        shares = not self.float_shares
        most = 1 / self.f4e, (1 - self.f4e) / self.f4mu
        return (
            Parameter(
                "sigma", 1.0, 0.0, self.high, interest=True, step=0.1, doc="fiducial cross section over predicted"
            ),
            Parameter(
                "K1", 1.0, 0.0, most[0], interest=not shares, fixed=shares, step=0.1, doc="share of 4e over predicted"
            ),
            Parameter(
                "K2", 1.0, 0.0, most[1], interest=not shares, fixed=shares, step=0.1, doc="share of 4mu in the rest"
            ),
        )

    def scale(self, channel: str, process: str, signal: bool) -> Node | None:
        """Return the cross section of the final state of a process over its prediction."""
        state = next((s for word, s in self.names.items() if word in process), None)
        if not signal or state is None:
            return None
        sigma, k1, k2 = (param(n, 1.0) for n in ("sigma", "K1", "K2"))
        electrons = times(number(self.f4e), k1)
        rest = over(minus(number(1), electrons), number(1 - self.f4e))
        if state == "4e":
            return times(sigma, k1)
        if state == "4mu":
            return times(times(sigma, rest), k2)
        muons = times(k2, number(self.f4mu / (1 - self.f4e)))
        share = over(minus(number(1), muons), number(1 - self.f4mu / (1 - self.f4e)))
        return times(times(sigma, rest), share)
