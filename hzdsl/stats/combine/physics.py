"""Physics models: by what each process is multiplied, as an expression of parameters of interest.

Combine's own (`HiggsAnalysis.CombinedLimit.PhysicsModel`, STATS §3.2) and the seed's branching fractions (STATS §4.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import minus, number, over, times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.fields import bounds, choice, is_number, name, positive, put, several, switch, wrong
from hzdsl.stats.parameters import Parameter


class PhysicsModel(Protocol):
    """Scales the processes of cards."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it adds to the parameters of a card; those of interest are marked."""

    def scale(self, channel: str, process: str, signal: bool) -> str | Node | None:
        """Return by what a process is multiplied: a parameter, an expression of parameters, or None for 1."""


def _start(low: float, high: float) -> float:
    """Return where fits of a strength start: as predicted, or the bound next to it."""
    return min(max(1.0, low), high)


@dataclass(frozen=True)
class SignalStrength:
    """Combine's default: one strength r for everything that is signal."""

    low: float = 0.0
    high: float = 20.0
    name: str = "r"

    def __post_init__(self) -> None:
        """Refuse bounds that are none."""
        name("the name of the strength", self.name, "parameter")
        bounds(f"the bounds of {self.name}", self.low, self.high, "parameter")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The strength."""
        doc = "signal strength: measured over predicted rate"
        return (
            Parameter(self.name, _start(self.low, self.high), self.low, self.high, interest=True, step=0.1, doc=doc),
        )

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
        name("the name of a strength", self.name, "parameter")
        bounds(f"the bounds of {self.name}", self.low, self.high, "parameter", equal=True)
        if not is_number(self.value) or not self.low <= self.value <= self.high:
            fix = f"a number between {self.low:g} and {self.high:g}"
            raise wrong(f"the value of {self.name}", self.value, fix, "parameter")


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

    def __post_init__(self) -> None:
        """Refuse patterns that cannot be read, and names of nothing."""
        put(self, strengths=several("the strengths of a model", self.strengths, Strength))
        known = ("0", "1", *(s.name for s in self.strengths))
        given = self.rules if isinstance(self.rules, Sequence) and not isinstance(self.rules, str) else ((),)
        for rule in given:
            if not isinstance(rule, tuple | list) or len(rule) != 2 or not isinstance(rule[0], str):
                raise wrong("a rule of strengths", rule, "(pattern, name): ('.*/ggH', 'r_ggH')")
            _compiled(rule[0])
            choice(f"what '{rule[0]}' is multiplied by", rule[1], known)
        put(self, rules=tuple((pattern, strength) for pattern, strength in given))
        switch("signal_only", self.signal_only)

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
        for pattern, strength in self.rules:
            if re.match(pattern, f"{channel}/{process}"):
                found = strength
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
        with _said_by(text):
            _compiled(found["pattern"])
        rules.append((found["pattern"], name))
        if found["numbers"] is not None:
            with _said_by(text):
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
    return value, low, high


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression, which is one."""
    try:
        return re.compile(pattern)
    except re.error as e:
        fix = "write \\( for a bracket"
        raise HzdslError("options", f"the pattern '{pattern}' cannot be read: {e}", fix=fix) from None


@contextmanager
def _said_by(text: str) -> Iterator[None]:
    """Say of what is refused in which map it stands."""
    try:
        yield
    except HzdslError as error:
        raise HzdslError("options", f"the map '{text}': {error.message}", fix=error.fix) from None


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

    def __post_init__(self) -> None:
        """Refuse ways of production that there are not, and bounds that are none."""
        if isinstance(self.modes, str) or not isinstance(self.modes, Sequence) or not self.modes:
            raise wrong("the modes of production", self.modes, "modes=('ggH', 'qqH')", "options")
        for mode in self.modes:
            choice("a mode of production", mode, PRODUCTION, "options")
        put(self, modes=tuple(dict.fromkeys(self.modes)))
        bounds("the bounds of strengths", self.low, self.high, "parameter")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The strengths."""
        start = _start(self.low, self.high)
        return tuple(
            Parameter(f"r_{m}", start, self.low, self.high, interest=True, step=0.1, doc=f"strength of {m} production")
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


#: Final states of H→4ℓ.
STATES = ("4e", "4mu", "2e2mu")


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

    def __post_init__(self) -> None:
        """Refuse shares that leave nothing for a final state, and words for states that there are not."""
        of = "the predicted share of"
        shares = positive(f"{of} 4e", self.f4e), positive(f"{of} 4mu", self.f4mu)
        if not sum(shares) < 1:
            raise wrong(
                "the predicted shares of 4e and 4mu", shares, "shares that leave some for 2e2mu: below 1 in sum"
            )
        if not isinstance(self.names, Mapping) or not self.names:
            raise wrong("the names of final states", self.names, "{'4e': '4e', '4mu': '4mu', '2e2mu': '2e2mu'}")
        for word, state in self.names.items():
            name("a word in names of processes", word)
            choice(f"the final state that '{word}' means", state, STATES)
        switch("float_shares", self.float_shares)
        bounds("the bounds of sigma", 0.0, self.high, "parameter")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """sigma, K1 and K2; bounds are those of shares between 0 and 1."""
        shares = not self.float_shares
        most = 1 / self.f4e, (1 - self.f4e) / self.f4mu
        return (
            Parameter(
                "sigma",
                _start(0.0, self.high),
                0.0,
                self.high,
                interest=True,
                step=0.1,
                doc="fiducial cross section over predicted",
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
