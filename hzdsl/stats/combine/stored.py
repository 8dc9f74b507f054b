"""The workspaces that a card refers to, opened once: histograms, densities, data and parameters of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.lang.values import Value
from hzdsl.stats.cards.shapes import Location
from hzdsl.stats.cards.templates import Template
from hzdsl.stats.observable import observable
from hzdsl.stats.parameters import Parameter
from hzdsl.stats.roofit.lowering import Lowering
from hzdsl.stats.roofit.records import Function, Histogram, Table, Variable, Workspace
from hzdsl.stats.roofit.workspace import read_workspace


class Workspaces:
    """The workspaces of one card.

    Parameters
    ----------
    mass : float, optional
        The value of MH.
    floating : frozenset of str
        Parameters that the card declares: they float, even where a workspace has them constant.
    """

    def __init__(self, mass: float | None, floating: frozenset[str]) -> None:
        self._values = {} if mass is None else {"MH": mass}
        self._floating = floating
        self._open: dict[tuple[str, str], Workspace] = {}
        self._lowered: dict[tuple[str, str, frozenset[str]], Lowering] = {}

    def workspace(self, location: Location) -> Workspace:
        """Return the workspace of an object."""
        assert location.workspace is not None
        key = location.file, location.workspace
        if key not in self._open:
            self._open[key] = read_workspace(*key)
        return self._open[key]

    def template(self, location: Location) -> Template | None:
        """Return a RooDataHist of one variable as a histogram; None of any other object."""
        workspace = self.workspace(location)
        found = {**workspace.embedded, **workspace.data}.get(location.name)
        if location.name in workspace.nodes or not isinstance(found, Histogram) or found.contents.ndim != 1:
            return None
        errors = np.sqrt(np.abs(found.contents if found.squares is None else found.squares))
        whole = float(np.sum(found.contents))
        return Template(found.contents, errors, found.edges(), whole, found.title, location)

    def bins(self, location: Location) -> tuple[Node, ...] | None:
        """Return the contents of bins as expressions: a RooParametricHist. None of any other object."""
        found = self.workspace(location).nodes.get(location.name)
        if not isinstance(found, Function) or found.type != "RooParametricHist":
            return None
        lowered = self.lowered(location, {})
        return tuple(lowered.value(name) for name in found.arguments["pars"])

    def data(self, location: Location) -> Table | Histogram:
        """Return data."""
        return self.workspace(location).dataset(location.name)

    def lowered(self, location: Location, observables: Mapping[str, Value]) -> Lowering:
        """Return the functions of the workspace of an object as expressions of these observables."""
        assert location.workspace is not None
        key = location.file, location.workspace, frozenset(observables)
        if key not in self._lowered:
            workspace = self.workspace(location)
            self._lowered[key] = Lowering(workspace, observables, self._floating, self._values)
        return self._lowered[key]

    def parameters(self) -> dict[str, Parameter]:
        """Return the parameters that have been met, as the workspaces have them."""
        return {name: p for lowered in self._lowered.values() for name, p in lowered.parameters.items()}


def measured(variable: Variable, where: str) -> Value:
    """Return a variable of data as an observable."""
    if not (np.isfinite(variable.low) and np.isfinite(variable.high)):
        fix = f"give {variable.name} a range in the workspace"
        raise HzdslError("model", f"{variable.name} of {where} has no range to be normalised on", fix=fix)
    return observable(name_of(variable.name), variable.low, variable.high)


def name_of(name: str) -> str:
    """Return the name of a variable as one of the language.

    Examples
    --------
    >>> name_of("m(4l)")
    'm_4l_'
    """
    made = "".join(c if c.isalnum() else "_" for c in name)
    return made if made.isidentifier() else f"x_{made}"
