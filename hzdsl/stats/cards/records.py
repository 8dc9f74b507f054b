"""What stands in a datacard, as data: its header, and the lines below it in their order (STATS §3.1).

Records compare by what they say. Where it was said (`place`) is carried along, so that whoever finds a fault later can
point at the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from typing import TypeVar

from hzdsl.errors import Place
from hzdsl.records import dataclass

#: A channel ("bin") and a process: one column of a card.
ColumnName = tuple[str, str]
Bounds = tuple[float, float]

#: Kinds of systematic uncertainties that have a number per column, and what the number means.
KINDS = {
    "lnN": "κ of a log-normal",
    "lnU": "κ of a log-uniform",
    "gmN": "α of a count in a control region",
    "gmM": "relative width of a gamma",
    "trG": "relative width of a truncated normal",
    "unif": "relative width of a uniform",
    "shape": "histograms at ±1σ",
    "shapeN": "histograms at ±1σ, interpolated in logarithms",
    "shapeU": "histograms at ±1σ, uniform parameter",
    "shape?": "histograms at ±1σ, or log-normal where there are none",
    "shapeN?": "histograms at ±1σ in logarithms, or log-normal where there are none",
}
#: Kinds of which a number may be an asymmetric `down/up`.
ASYMMETRIC = frozenset({"lnN", "lnU", "shape?", "shapeN?"})

#: Files that hold a table of bins: a colon in the names of what is in them separates labels, not a workspace.
TABLES = (".csv",)


def _place() -> Place | None:
    """Return the field for where something stands, which does not tell records apart."""
    found: Place | None = field(default=None, compare=False, repr=False)
    return found


@dataclass(frozen=True)
class Channel:
    """A channel, which cards call a bin: its name and what was observed (-1: the integral of its histogram)."""

    name: str
    observed: float | None
    place: Place | None = _place()


@dataclass(frozen=True)
class Column:
    """One process in one channel: its number (signal at most 0) and its rate (-1: the integral of its histogram)."""

    channel: str
    process: str
    number: int
    rate: float
    place: Place | None = _place()

    @property
    def signal(self) -> bool:
        """Whether the process is signal."""
        return self.number <= 0

    @property
    def name(self) -> ColumnName:
        """Its channel and process."""
        return self.channel, self.process


@dataclass(frozen=True)
class ShapeLine:
    """A `shapes` line: where histograms or functions lie, with `*` and `$PROCESS`, `$CHANNEL`, … in it.

    Of a counting experiment (`FAKE`) there is no `nominal`.
    """

    process: str
    channel: str
    file: str
    nominal: str = ""
    varied: str = ""
    place: Place | None = _place()

    @property
    def fake(self) -> bool:
        """Whether it says that there are no shapes."""
        return self.file == "FAKE"


@dataclass(frozen=True)
class Effect:
    """What a systematic uncertainty does to a column: `up`, or `down/up`.

    `origin` is the name under which its histograms are stored, where a `nuisance edit rename` has given it another one.
    """

    up: float
    down: float | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Systematic:
    """A line with a number per column; columns without an effect (`-`, 0, lnN and lnU 1) are not in `effects`.

    `count` is N of gmN, `bounds` are those of unif.
    """

    name: str
    kind: str
    effects: Mapping[ColumnName, Effect]
    count: int | None = None
    bounds: Bounds | None = None
    nofloat: bool = False
    place: Place | None = _place()

    @property
    def shape(self) -> bool:
        """Whether histograms are, or may be, its effect."""
        return self.kind.startswith("shape")


@dataclass(frozen=True)
class Param:
    """`param`: a normal constraint, σ another one below the mean where `sigma_low` is set.

    `origin` is what the parameter is called in its workspace, where it was renamed.
    """

    name: str
    mean: float
    sigma: float
    sigma_low: float | None = None
    bounds: Bounds | None = None
    nofloat: bool = False
    origin: str | None = None
    place: Place | None = _place()


@dataclass(frozen=True)
class FlatParam:
    """`flatParam`: a parameter without constraint, of a workspace or of this value and range."""

    name: str
    value: float | None = None
    bounds: Bounds | None = None
    place: Place | None = _place()


@dataclass(frozen=True)
class Number:
    """A free parameter that starts here; constant where that is said."""

    value: float
    bounds: Bounds | None = None
    constant: bool = False


@dataclass(frozen=True)
class Formula:
    """A formula of other parameters: @0, @1, … are its arguments."""

    text: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class InWorkspace:
    """A function or parameter of the same name in a workspace of a file."""

    file: str
    workspace: str
    recycle: bool = False


@dataclass(frozen=True)
class RateParam:
    """`rateParam`: a factor of the rates of all columns that it matches."""

    name: str
    channel: str
    process: str
    value: Number | Formula | InWorkspace
    place: Place | None = _place()

    def matches(self, column: ColumnName) -> bool:
        """Return whether it multiplies a column: patterns are such where a `*` is in either of them."""
        if "*" in self.channel or "*" in self.process:
            return fnmatchcase(column[0], self.channel) and fnmatchcase(column[1], self.process)
        return column == (self.channel, self.process)


@dataclass(frozen=True)
class ExtArg:
    """`extArg`: a further parameter or function, for formulas."""

    name: str
    value: Number | InWorkspace
    place: Place | None = _place()


@dataclass(frozen=True)
class Discrete:
    """`discrete`: an index that chooses one of several functions of a workspace."""

    name: str
    place: Place | None = _place()


@dataclass(frozen=True)
class Constr:
    """`constr`: a normal term of a formula, for regularised unfolding; `width` is a number or a parameter."""

    name: str
    formula: str
    arguments: str
    width: str
    place: Place | None = _place()


@dataclass(frozen=True)
class Group:
    """`group =` or, where `more`, `group +=`: parameters that are frozen together."""

    name: str
    members: tuple[str, ...]
    more: bool = False
    place: Place | None = _place()


@dataclass(frozen=True)
class AutoStats:
    """`autoMCStats`: parameters for the statistics of simulation, of all channels that it matches (STATS §3.4)."""

    channel: str
    threshold: float
    include_signal: bool = False
    mode: int = 1
    place: Place | None = _place()

    def matches(self, channel: str) -> bool:
        """Return whether it is about a channel."""
        return fnmatchcase(channel, self.channel) if "*" in self.channel else channel == self.channel


@dataclass(frozen=True)
class Edit:
    """`nuisance edit`: a change of the lines above it; see `editing.py`."""

    action: str
    words: tuple[str, ...]
    place: Place | None = _place()


Line = Systematic | Param | FlatParam | RateParam | ExtArg | Discrete | Constr | Group | AutoStats | Edit
_L = TypeVar("_L", bound=Line)


@dataclass(frozen=True)
class Card:
    """A datacard.

    Parameters
    ----------
    channels : tuple of Channel
        In the order of the card.
    columns : tuple of Column
        One per channel and process.
    shapes : tuple of ShapeLine
        Where shapes lie; none of a counting experiment.
    lines : tuple of Line
        What stands below the rates, in its order.
    frozen : tuple of str
        Parameters that fits leave alone, after `nuisance edit freeze` was applied.
    source : str
        The file; relative paths in the card start at its folder.
    """

    channels: tuple[Channel, ...]
    columns: tuple[Column, ...]
    shapes: tuple[ShapeLine, ...] = ()
    lines: tuple[Line, ...] = ()
    frozen: tuple[str, ...] = ()
    source: str = field(default="<card>", compare=False)

    def of(self, kind: type[_L]) -> Iterator[_L]:
        """Yield the lines of one kind, in order."""
        return (line for line in self.lines if isinstance(line, kind))

    @property
    def processes(self) -> tuple[str, ...]:
        """The names of processes, in the order in which they come first."""
        return tuple(dict.fromkeys(c.process for c in self.columns))

    @property
    def edited(self) -> bool:
        """Whether no edits are left to be applied."""
        return not any(self.of(Edit))

    def acting(self) -> tuple[Systematic | Param | Constr, ...]:
        """Return the constrained lines that matter: systematics that change no column with a rate are left out.

        A gmN gives its column a rate (STATS §3.1), so it counts where its N is 0, too.
        """
        empty = {c.name for c in self.columns if c.rate == 0}
        for s in self.of(Systematic):
            empty -= s.effects.keys() if s.kind == "gmN" else set()
        kept = (line for line in self.lines if isinstance(line, Systematic | Param | Constr))
        return tuple(x for x in kept if not isinstance(x, Systematic) or not x.effects.keys() <= empty)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return the groups with all their members, in order."""
        found: dict[str, dict[str, None]] = {}
        for g in self.of(Group):
            found.setdefault(g.name, {}).update(dict.fromkeys(g.members))
        return {name: tuple(members) for name, members in found.items()}

    def auto_stats(self) -> dict[str, AutoStats]:
        """Return what the last autoMCStats line that matches says, per channel that one matches."""
        found = {}
        for line in self.of(AutoStats):
            found.update({c.name: line for c in self.channels if line.matches(c.name)})
        return found

    def names(self) -> frozenset[str]:
        """Return the names of all parameters that the card declares."""
        named = (Systematic, Param, FlatParam, RateParam, ExtArg, Discrete)
        return frozenset(line.name for line in self.lines if isinstance(line, named))

    @property
    def in_workspaces(self) -> bool:
        """Whether something of it lies in a RooWorkspace, which may declare further parameters."""
        stored = any(isinstance(x.value, InWorkspace) for x in self.lines if isinstance(x, RateParam | ExtArg))
        return stored or any(":" in s.nominal and not s.file.endswith(TABLES) for s in self.shapes)
