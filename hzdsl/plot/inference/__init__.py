"""Plots of statistical results: one function per kind, and `figures`, which knows what a result has."""

from hzdsl.plot.inference.bands import plot_cls, plot_limits
from hzdsl.plot.inference.bars import plot_breakdown
from hzdsl.plot.inference.belt import plot_acceptance, plot_belt
from hzdsl.plot.inference.channels import plot_compatibility
from hzdsl.plot.inference.correlation import plot_correlations
from hzdsl.plot.inference.dispatch import figures
from hzdsl.plot.inference.impacts import plot_impacts
from hzdsl.plot.inference.local import plot_local_scan
from hzdsl.plot.inference.plane import plot_contour, plot_plane, plot_region
from hzdsl.plot.inference.pulls import plot_pulls
from hzdsl.plot.inference.response import plot_response
from hzdsl.plot.inference.scan import plot_envelope, plot_scan
from hzdsl.plot.inference.shapes import plot_shapes
from hzdsl.plot.inference.studies import plot_coverage, plot_pulls_of_toys, plot_spurious
from hzdsl.plot.inference.subject import Subject, subject_of
from hzdsl.plot.inference.table import plot_tables
from hzdsl.plot.inference.toys import (
    plot_goodness,
    plot_repeated,
    plot_significance,
    plot_toy_scans,
    plot_toy_significance,
    plot_toy_test,
    plot_toys,
)
from hzdsl.plot.inference.unbinned import plot_rows
from hzdsl.plot.inference.writing import write_figures

__all__ = [
    "Subject",
    "figures",
    "plot_acceptance",
    "plot_belt",
    "plot_breakdown",
    "plot_cls",
    "plot_compatibility",
    "plot_contour",
    "plot_correlations",
    "plot_coverage",
    "plot_envelope",
    "plot_goodness",
    "plot_impacts",
    "plot_limits",
    "plot_local_scan",
    "plot_plane",
    "plot_pulls",
    "plot_pulls_of_toys",
    "plot_region",
    "plot_repeated",
    "plot_response",
    "plot_rows",
    "plot_scan",
    "plot_shapes",
    "plot_significance",
    "plot_spurious",
    "plot_tables",
    "plot_toy_scans",
    "plot_toy_significance",
    "plot_toy_test",
    "plot_toys",
    "subject_of",
    "write_figures",
]
