"""What plots say of a model that its results do not hold: units, meanings, axes of channels, what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from hzdsl.plot.inference.binning import axis_of, axis_of_density, bare_axis
from hzdsl.plot.model import Header
from hzdsl.plot.text import drawable, parameter, unit_text
from hzdsl.records import dataclass
from hzdsl.results.result import AxisResult
from hzdsl.stats.densities.binned import BinnedChannel
from hzdsl.stats.densities.model import UnbinnedChannel
from hzdsl.stats.likelihood import Likelihood, Observation
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.model import Channel, Process

#: A name and its meaning are a label up to so many letters.
LONGEST_LABEL = 44


@dataclass(frozen=True, eq=False)
class Subject:
    """The model that results are of, as far as plots speak of it; everything may be missing.

    Parameters
    ----------
    parameters : Parameters
        Their units and meanings are in labels.
    observation : Observation, optional
        The data beside post-fit shapes.
    axes : mapping of str to AxisResult
        The observable of binned channels.
    signals : frozenset of str
        Processes that are signal.
    unbinned : mapping of str to UnbinnedChannel
        Channels of rows by name: plots of a fit show them.
    header : Header
        What stands above each plot.
    asimov : bool
        Whether what was analysed is what is expected, instead of data.
    """

    parameters: Parameters = field(default_factory=lambda: Parameters(()))
    observation: Observation | None = None
    axes: Mapping[str, AxisResult] = field(default_factory=dict)
    signals: frozenset[str] = frozenset()
    unbinned: Mapping[str, UnbinnedChannel] = field(default_factory=dict)
    header: Header = Header()
    asimov: bool = False

    @property
    def observed(self) -> str:
        """What a legend calls what follows from the data."""
        return "Asimov" if self.asimov else "Observed"

    @property
    def data(self) -> str:
        """What a legend calls the data."""
        return "Asimov data" if self.asimov else "Data"

    def label(self, name: str) -> str:
        """Return how an axis calls a parameter: its name, meaning and unit.

        Examples
        --------
        >>> from hzdsl.ir.units import GEV
        >>> from hzdsl.stats.parameters import Parameter
        >>> about = Subject(Parameters([Parameter("mean", unit=GEV, doc="where the peak is")]))
        >>> about.label("mean"), about.label("r")
        ('mean: where the peak is [GeV]', 'r')
        """
        if name not in self.parameters.names:
            return parameter(name)
        p = self.parameters[name]
        shown = f"{p.name}: {p.doc}" if p.doc and len(p.name) + len(p.doc) < LONGEST_LABEL else p.name
        return f"{drawable(shown) if p.doc and shown != p.name else parameter(name)} {self._unit(name)}".rstrip()

    def _unit(self, name: str) -> str:
        unit = unit_text(str(self.parameters[name].unit))
        return f"[{unit}]" if unit else ""

    def named(self, what: str, name: str) -> str:
        """Return a label that speaks of a parameter, with its unit: ``Impact on mean [GeV]``."""
        unit = self._unit(name) if name in self.parameters.names else ""
        return f"{what} {parameter(name)} {unit}".rstrip()

    def axis(self, channel: str, bins: int) -> AxisResult:
        """Return the axis of a binned channel; bins are numbered where there is none."""
        known = self.axes.get(channel)
        if known is not None and len(known.edges) == bins + 1:
            return known
        return bare_axis(channel, bins)


def subject_of(
    likelihood: Likelihood,
    channels: Iterable[Channel] | None = None,
    densities: Iterable[UnbinnedChannel | BinnedChannel] | None = None,
    header: Header | None = None,
) -> Subject:
    """Return what plots need to know of a likelihood.

    Parameters
    ----------
    likelihood : Likelihood
        Its parameters, and the data that it is given.
    channels : iterable of Channel, optional
        The binned ones, of which edges, labels and signals are used; else those that the likelihood has.
    densities : iterable of UnbinnedChannel or BinnedChannel, optional
        Those of densities, of rows or in bins; else those that the likelihood has.
    header : Header, optional
        Experiment, energy and luminosity.
    """
    known = likelihood.channels if isinstance(likelihood, JointLikelihood) else ()
    channels = tuple(c for c in known if isinstance(c, Channel)) if channels is None else tuple(channels)
    densities = tuple(c for c in known if not isinstance(c, Channel)) if densities is None else tuple(densities)
    axes = {c.name: axis for c in channels if (axis := axis_of(c)) is not None}
    interest = frozenset(likelihood.parameters.interest)
    signals = frozenset(p.name for c in channels for p in c.processes if _is_signal(p, interest))
    axes |= {c.name: axis_of_density(c) for c in densities if isinstance(c, BinnedChannel)}
    rows = {c.name: c for c in densities if isinstance(c, UnbinnedChannel)}
    return Subject(likelihood.parameters, likelihood.observation, axes, signals, rows, header or Header())


def _is_signal(process: Process, interest: frozenset[str]) -> bool:
    """Return whether a process is said to be signal, or a parameter of interest multiplies it (HistFactory)."""
    return process.signal or any(factor.parameter in interest for factor in process.factors)
