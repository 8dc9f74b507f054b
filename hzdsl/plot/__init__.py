"""Plots of results: stacks with data and pulls, single spectra, colour meshes.

Importing this package is cheap; matplotlib and mplhep are loaded by the first call.
"""

from hzdsl.plot.api import plot_histogram, plot_result, plot_stack

__all__ = ["plot_histogram", "plot_result", "plot_stack"]
