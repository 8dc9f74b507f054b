"""Histograms that a card refers to, as arrays, checked against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import HistogramFile, StoredHistogram
from hzdsl.io.options import RemoteOptions
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import Card, ColumnName, Systematic
from hzdsl.stats.cards.shapes import OBSERVED, Location, Substitutions, locate
from hzdsl.stats.cards.tables import Table, read_table
from hzdsl.stats.parameters import Vector

#: No content of a shape is less, after shapes were applied (STATS §3.3), and no bin of a channel.
FLOOR = 1e-9
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Template:
    """A histogram without its underflow and overflow.

    Parameters
    ----------
    contents : array of shape (bins,)
        Contents, rounded to the float32 in which Combine keeps them (STATS §3.3).
    errors : array of shape (bins,)
        Statistical errors: √Σw², or √content where no Σw² are stored.
    edges : array of shape (bins + 1,)
        Edges of the bins; Combine's fits do not use them.
    integral : float
        The sum of contents as stored, TH1::Integral().
    title : str
        Of the stored histogram.
    location : Location
        Where it was found.
    """

    contents: Vector
    errors: Vector
    edges: Vector
    integral: float
    title: str
    location: Location


class Histograms(Protocol):
    """Histograms by name, as a file has them."""

    def has(self, name: str) -> bool:
        """Return whether there is one of this name."""

    def read(self, name: str) -> StoredHistogram:
        """Return one."""


class Templates:
    """The histograms of a card; files stay open until the end of a ``with``.

    Parameters
    ----------
    card : Card
        Its edits were applied.
    substitutions : Substitutions, optional
        The mass, and further words.
    remote : RemoteOptions, optional
        How files on servers are read.
    stored : callable, optional
        Reads a histogram of a workspace; returns None for other objects.
    at_hand : mapping of str to Histograms, optional
        What stands for files, which need not be there.
    """

    def __init__(
        self,
        card: Card,
        substitutions: Substitutions | None = None,
        remote: RemoteOptions | None = None,
        stored: Callable[[Location], Template | None] | None = None,
        at_hand: Mapping[str, Histograms] | None = None,
    ) -> None:
        self.card, self._stored = card, stored
        self._substitutions, self._remote = substitutions, remote
        self._files: dict[str, Histograms | Table] = dict(at_hand or {})
        self._bins: dict[str, Template] = {}
        self._nominal: dict[Location, Template | None] = {}

    def __enter__(self) -> Templates:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            if isinstance(file, HistogramFile):
                file.close()
        self._files.clear()

    def locate(self, channel: str, process: str, systematic: str = "", *, optional: bool = False) -> Location | None:
        """Return where a shape lies; see `shapes.locate`."""
        return locate(self.card, channel, process, systematic, self._substitutions, optional=optional)

    def nominal(self, channel: str, process: str) -> Template | None:
        """Return the histogram of a process, None where it has none: counted, or an object of a workspace.

        Raises
        ------
        HzdslError
            `histogram-missing` where it is not there or has other bins than the channel; `binning` where a content is
            no number; `datacard`, `file-missing`, …
        """
        location = self.locate(channel, process)
        if location is not None and location not in self._nominal:  # rates, remarks and models ask for them
            self._nominal[location] = self._read(channel, location)
        return None if location is None else self._nominal[location]

    def observed(self, channel: str) -> Template | None:
        """Return the observed histogram, as `nominal` does."""
        return self.nominal(channel, OBSERVED)

    def varied(self, systematic: Systematic, column: ColumnName) -> tuple[Template, Template] | None:
        """Return the histograms at +1σ and -1σ, None where the effect is a log-normal or an object of a workspace.

        Raises
        ------
        HzdslError
            As `nominal`; `datacard` where an integral is not positive.
        """
        channel, process = column
        optional = systematic.kind.endswith("?")
        name = systematic.effects[column].origin or systematic.name
        up = self.locate(channel, process, f"{name}Up", optional=optional)
        if not systematic.shape or up is None or (optional and not self.has(up)):
            return None
        down = self.locate(channel, process, f"{name}Down")
        upper, lower = self._read(channel, up), self._read(channel, down)
        if upper is None or lower is None:
            return None
        for template in (upper, lower):
            _check_integral(template, f"{systematic.name} of {process} in channel {channel}")
        return upper, lower

    def has(self, location: Location) -> bool:
        """Return whether there is a histogram; of workspaces, which are not opened here, it is taken to be so."""
        return location.workspace is not None or self._at(location, lambda: self._file(location).has(location.name))

    def _read(self, channel: str, location: Location | None) -> Template | None:
        if location is None:
            return None
        found = self._at(location, lambda: self._object(location))
        if found is None:
            return None
        first = self._bins.setdefault(channel, found)
        _check_bins(found, first, channel)
        return found

    def _object(self, location: Location) -> Template | None:
        if location.workspace is not None:
            return None if self._stored is None else self._stored(location)
        return _template(self._file(location), location)

    def _file(self, location: Location) -> Histograms | Table:
        path = location.file
        if path not in self._files:
            self._files[path] = read_table(path) if location.table else HistogramFile(path, self._remote)
        return self._files[path]

    def _at(self, location: Location, read: Callable[[], _T]) -> _T:
        """Return what is read; what is wrong with it is wrong at a line of the card."""
        try:
            return read()
        except HzdslError as error:
            raise error.at(location.place) from None


def _template(file: Histograms | Table, location: Location) -> Template:
    if isinstance(file, Table):
        values, squares = file.read(location.name)
        edges, title = np.arange(len(values) + 1.0), location.name
    else:
        stored = file.read(location.name)
        edges, values, squares = _inside(stored, location)
        title = stored.label or stored.title
    if not (np.all(np.isfinite(values)) and np.all(np.isfinite(squares))):
        bad = int(np.flatnonzero(~(np.isfinite(values) & np.isfinite(squares)))[0]) + 1
        what = f"bin {bad} of {location.name} in {location.file} is not finite"
        raise HzdslError("binning", what, fix="find out where the histogram is made")
    rounded = values.astype(np.float32).astype(np.float64)
    return Template(rounded, np.sqrt(np.abs(squares)), edges, float(np.sum(values)), title, location)


def _inside(stored: StoredHistogram, location: Location) -> tuple[Vector, Vector, Vector]:
    """Return edges, contents and Σw² of a TH1 without what flows over."""
    if len(stored.edges) != 1:
        what = f"{location.name} in {location.file} has {len(stored.edges)} axes"
        raise HzdslError("histogram-missing", what, fix="shapes are TH1: unroll it into one axis")
    return stored.edges[0], stored.values[1:-1], stored.variances[1:-1]


def _check_bins(found: Template, first: Template, channel: str) -> None:
    """Refuse a histogram with other bins than the first of its channel.

    Edges may differ by what float32 rounds away: TH1F axes made by different programs do.
    """
    same = len(found.edges) == len(first.edges)
    if same and np.allclose(found.edges, first.edges, rtol=1e-5, atol=1e-5 * float(np.ptp(first.edges))):
        return
    here, there = (f"{t.location.name} has {len(t.contents)} bins {_span(t)}" for t in (found, first))
    fix = "histograms of one channel are binned alike"
    raise HzdslError("histogram-missing", f"channel {channel}: {here}, {there}", fix=fix, place=found.location.place)


def _span(template: Template) -> str:
    return f"from {template.edges[0]:g} to {template.edges[-1]:g}"


def _check_integral(template: Template, what: str) -> None:
    if not template.integral > 0:
        name = template.location.name
        message = f"{what}: the integral of {name} is {template.integral:g}"
        fix = "a variation of a process has a positive rate; take it out with - where there is none"
        raise HzdslError("datacard", message, fix=fix, place=template.location.place)
