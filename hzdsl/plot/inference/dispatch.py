"""Which figures a result has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure

from hzdsl.plot.inference.bands import plot_cls, plot_limits
from hzdsl.plot.inference.bars import plot_breakdown
from hzdsl.plot.inference.belt import plot_belt
from hzdsl.plot.inference.channels import plot_compatibility
from hzdsl.plot.inference.correlation import plot_correlations
from hzdsl.plot.inference.impacts import plot_impacts
from hzdsl.plot.inference.local import plot_local_scan
from hzdsl.plot.inference.plane import plot_contour, plot_plane
from hzdsl.plot.inference.pulls import plot_pulls
from hzdsl.plot.inference.scan import plot_envelope, plot_scan
from hzdsl.plot.inference.shapes import plot_shapes
from hzdsl.plot.inference.studies import plot_coverage, plot_pulls_of_toys, plot_spurious
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.table import plot_tables
from hzdsl.plot.inference.toys import (
    plot_goodness,
    plot_repeated,
    plot_significance,
    plot_toy_scans,
    plot_toy_significance,
    plot_toy_test,
)
from hzdsl.plot.inference.unbinned import plot_every_row
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import Yields
from hzdsl.stats.methods.asymptotic import HypothesisTest, Limits
from hzdsl.stats.methods.bias import Pulls, SpuriousSignal
from hzdsl.stats.methods.breakdown import Breakdown
from hzdsl.stats.methods.compatibility import Compatibility
from hzdsl.stats.methods.coverage import Coverage
from hzdsl.stats.methods.diagnostics import Diagnostics
from hzdsl.stats.methods.envelope import Envelope
from hzdsl.stats.methods.feldman_cousins import Region
from hzdsl.stats.methods.goodness import Goodness
from hzdsl.stats.methods.impacts import Impacts
from hzdsl.stats.methods.look_elsewhere import LocalScan, Scans
from hzdsl.stats.methods.nuisances import Correlations, NuisanceTable, correlations, nuisance_table
from hzdsl.stats.methods.repeated import Repeated
from hzdsl.stats.methods.scans import Contour, Scan
from hzdsl.stats.methods.significance import Significance, ToySignificance
from hzdsl.stats.methods.toy_limits import ToyLimits
from hzdsl.stats.methods.toy_tests import ToyTest
from hzdsl.stats.record import Record

Named = Iterator[tuple[str, Figure]]


def figures(result: Record, subject: Subject | None = None) -> Named:
    """Yield the figures of a result, each with a name that says what it is: see `write_figures`.

    A record of a kind that has no plot of its own is drawn as the tables that it is read as.

    Parameters
    ----------
    result : Record
        Of a fit or a method of `hzdsl.stats`.
    subject : Subject, optional
        What the result does not say of its model: see `subject_of`.

    Examples
    --------
    >>> from hzdsl.stats.methods.probabilities import ToyPValue
    >>> limit = Limits("r", 0.95, 1.1, (0.5, 0.7, 1.0, 1.4, 2.0))
    >>> [name for name, _ in figures(limit)], [name for name, _ in figures(ToyPValue(4.2, 12, 999))]
    (['limits_r'], ['table'])
    """
    about = subject or Subject()
    for kind, draw in _kinds().items():
        if isinstance(result, kind):
            yield from draw(result, about)
            return
    yield from plot_tables(result.tables(), subject=about)


def _kinds() -> Mapping[type[Record], Callable[[Any, Subject], Named]]:
    return {
        FitResult: _fit,
        Diagnostics: _diagnostics,
        Yields: lambda r, about: _prefixed("shapes", plot_shapes(r, subject=about)),
        NuisanceTable: _nuisances,
        Correlations: lambda r, about: plot_correlations(r, subject=about),
        Impacts: lambda r, about: plot_impacts(r, subject=about),
        Scan: _scan,
        Contour: _one("contour", plot_contour),
        Envelope: _one("envelope", plot_envelope),
        Limits: _limits,
        ToyLimits: _toy_limits,
        HypothesisTest: lambda r, about: iter([("cls", plot_cls([r], subject=about))]),
        ToyTest: _one("toy_test", plot_toy_test),
        Breakdown: _one("breakdown", plot_breakdown),
        Significance: _one("significance", plot_significance),
        ToySignificance: _one("significance_toys", plot_toy_significance),
        Goodness: _goodness,
        Repeated: lambda r, about: plot_repeated(r, subject=about),
        Region: _one("feldman_cousins", plot_belt),
        Compatibility: _one("compatibility", plot_compatibility),
        Pulls: _one("pulls_of_toys", plot_pulls_of_toys),
        Coverage: _one("coverage", plot_coverage),
        SpuriousSignal: _one("spurious_signal", plot_spurious),
        LocalScan: _one("local_significance", plot_local_scan),
        Scans: _one("scans_of_toys", plot_toy_scans),
    }


def _one(name: str, draw: Callable[..., Figure]) -> Callable[[Any, Subject], Named]:
    return lambda result, about: iter([(name, draw(result, subject=about))])


def _prefixed(prefix: str, found: Named) -> Named:
    for name, figure in found:
        yield f"{prefix}_{name}", figure


def _fit(result: FitResult, about: Subject) -> Named:
    """Yield pulls, correlations and the table of a fit; of one without covariance the table alone."""
    known = about if len(about.parameters) else replace(about, parameters=result.parameters)
    if result.covariance is not None:
        yield from plot_pulls(nuisance_table(result), subject=known)
        yield from plot_correlations(correlations(result), subject=known)
    yield from plot_every_row(result.named(), known)
    yield from _prefixed("fit", plot_tables(result.tables(), subject=known))


def _diagnostics(result: Diagnostics, about: Subject) -> Named:
    alone, both = result.nuisances()
    yield from plot_pulls({"With signal": both, "Background alone": alone}, subject=about)
    if result.signal.covariance is not None:
        yield from plot_correlations(correlations(result.signal), subject=about)
    yield from plot_every_row(result.signal.named(), about)
    shapes = {"prefit": result.before, "background": result.after_background, "signal": result.after_signal}
    for which, found in shapes.items():
        if found is not None:
            yield from _prefixed(f"shapes_{which}", plot_shapes(found, subject=about))


def _nuisances(result: NuisanceTable, about: Subject) -> Named:
    yield from plot_pulls(result, subject=about)
    yield from _prefixed("parameters", plot_tables(result.tables(), subject=about))


def _scan(result: Scan, about: Subject) -> Named:
    draw = plot_scan if len(result.names) == 1 else plot_plane
    yield f"scan_{'_'.join(result.names)}", draw(result, subject=about)


def _limits(result: Limits | ToyLimits, about: Subject) -> Named:
    yield f"limits_{result.poi}", plot_limits({"": result}, subject=about)


def _toy_limits(result: ToyLimits, about: Subject) -> Named:
    yield from _limits(result, about)
    if result.points:
        yield f"cls_{result.poi}", plot_cls(result, subject=about)


def _goodness(result: Goodness, about: Subject) -> Named:
    if result.toys:
        yield from plot_goodness(result, subject=about)
    else:
        yield from plot_tables(result.tables(), subject=about)
