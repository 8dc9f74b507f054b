"""What a workspace of RooFit says, as plain data: variables, functions, data, sets. Nothing is evaluated here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.parameters import Vector

#: What a function depends on in one role: a node by its name, several in order, or several by labels.
Argument = str | tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Binning:
    """A range of values, and how it is divided: evenly into `bins`, or at `boundaries`."""

    low: float
    high: float
    bins: int = 1
    boundaries: Vector | None = None

    def edges(self) -> Vector:
        """Return the edges of its bins, shape (bins + 1,).

        Examples
        --------
        >>> Binning(0, 4, 2).edges()
        array([0., 2., 4.])
        """
        return np.linspace(self.low, self.high, self.bins + 1) if self.boundaries is None else self.boundaries


@dataclass(frozen=True, eq=False)
class Variable:
    """A RooRealVar or a RooConstVar.

    Parameters
    ----------
    name, title : str
        As stored.
    value : float
        The current value.
    low, high : float
        Its range, infinite where there is none.
    constant : bool
        Whether fits leave it alone.
    unit : str
        As stored, any text.
    error : float, optional
        The symmetric error; None where there is none.
    errors : pair of float, optional
        The errors below (negative) and above.
    binning : Binning, optional
        Of its range; None of a constant.
    ranges : mapping of str to Binning
        Further ranges and binnings by their names.
    flags : tuple of str
        RooFit's attributes that are set (`Constant`, …).
    """

    name: str
    title: str
    value: float
    low: float
    high: float
    constant: bool
    unit: str = ""
    error: float | None = None
    errors: tuple[float, float] | None = None
    binning: Binning | None = None
    ranges: Mapping[str, Binning] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Category:
    """A RooCategory: its states with their numbers, and the number of the current one."""

    name: str
    title: str
    states: Mapping[str, int]
    index: int
    flags: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """The name of the current state."""
        return next((name for name, index in self.states.items() if index == self.index), "")


@dataclass(frozen=True, eq=False)
class Unknown:
    """An object, or a part of one, that cannot be read; `reason` says why."""

    type: str
    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Histogram:
    """A RooDataHist.

    Parameters
    ----------
    name, title : str
        As stored.
    variables : tuple of Variable or Category
        One per dimension, in order; the binning of each is that of the histogram.
    contents : array
        Sums of weights, one dimension per variable. They are contents of bins, not densities.
    squares : array, optional
        Sums of squared weights, of the same shape; None: contents are counts.
    errors : pair of arrays, optional
        Errors below and above, where such were given.
    """

    name: str
    title: str
    variables: tuple[Variable | Category, ...]
    contents: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64] | None = None
    errors: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None

    def edges(self) -> Vector:
        """Return the edges of the bins of its only dimension."""
        (variable,) = self.variables
        assert isinstance(variable, Variable)
        assert variable.binning is not None
        return variable.binning.edges()


@dataclass(frozen=True, eq=False)
class Table:
    """A RooDataSet: rows of values.

    Parameters
    ----------
    name, title : str
        As stored.
    variables : tuple of Variable or Category
        What its columns are of.
    columns : mapping of str to array
        Per variable its values (of a category the numbers of states), without the weight.
    weights : array, optional
        The weight of each row; None where there are none.
    errors : mapping of str to tuple of arrays
        Per variable (or the weight) that has them, errors of each row: one array, or those below and above.
    """

    name: str
    title: str
    variables: tuple[Variable | Category, ...]
    columns: Mapping[str, npt.NDArray[Any]]
    weights: Vector | None = None
    errors: Mapping[str, tuple[Vector, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), () if self.weights is None else self.weights))


@dataclass(frozen=True, eq=False)
class Function:
    """A function or a density, of whatever class.

    Parameters
    ----------
    name, title : str
        As stored.
    type : str
        Its class (`RooGaussian`).
    arguments : mapping of str to Argument
        What it depends on by role: the member of the class without its underscores (`x`, `mean`, `sigma`; `coefList`).
    attributes : mapping of str to Any
        All else that its class stores, by member: numbers, texts (`formExpr`), arrays, tuples, binnings, histograms
        (`dataHist`), and `Unknown` where a member cannot be read.
    lineage : tuple of str
        Its class and all from which that derives.
    range : str
        The name of the range on which it is normalised, if one is set.
    flags : tuple of str
        RooFit's attributes that are set.
    notes : mapping of str to str
        RooFit's attributes with texts.
    """

    name: str
    title: str
    type: str
    arguments: Mapping[str, Argument]
    attributes: Mapping[str, Any]
    lineage: tuple[str, ...] = ()
    range: str = ""
    flags: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_density(self) -> bool:
        """Whether RooFit normalises it: a RooAbsPdf."""
        return "RooAbsPdf" in self.lineage

    def names(self) -> tuple[str, ...]:
        """Return the names of all that it depends on directly."""
        found: list[str] = []
        for given in self.arguments.values():
            found += [given] if isinstance(given, str) else given.values() if isinstance(given, Mapping) else given
        return tuple(dict.fromkeys(found))


Node = Variable | Category | Function


@dataclass(frozen=True, eq=False)
class Workspace:
    """A RooWorkspace.

    Parameters
    ----------
    name, title, path : str
        As stored, and the file.
    nodes : mapping of str to Node or Unknown
        All variables, categories, functions and densities by their names.
    data : mapping of str to Table, Histogram or Unknown
        Data by name.
    embedded : mapping of str to Table, Histogram or Unknown
        Histograms that functions use.
    sets : mapping of str to tuple of str
        Named sets of nodes.
    snapshots : mapping of str to mapping of str to float
        Stored values of parameters (of a category the number of its state).
    """

    name: str
    title: str
    path: str
    nodes: Mapping[str, Node | Unknown]
    data: Mapping[str, Table | Histogram | Unknown]
    embedded: Mapping[str, Table | Histogram | Unknown] = field(default_factory=dict)
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    snapshots: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Those of its nodes that are variables or constants."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, Variable)}

    @property
    def functions(self) -> Mapping[str, Function]:
        """Those of its nodes that are functions or densities."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, Function)}

    def node(self, name: str) -> Node:
        """Return a node by its name.

        Raises
        ------
        HzdslError
            ``name-unknown`` where there is none, ``class-unknown`` where it cannot be read.
        """
        found: Node = _known(self.nodes, name, "node", self)
        return found

    def dataset(self, name: str) -> Table | Histogram:
        """Return data by their name, also those that functions use.

        Raises
        ------
        HzdslError
            ``name-unknown`` where there are none, ``class-unknown`` where they cannot be read.
        """
        found: Table | Histogram = _known({**self.embedded, **self.data}, name, "data set", self)
        return found


def _known(found: Mapping[str, Any], name: str, what: str, workspace: Workspace) -> Any:
    where = f"the workspace {workspace.name} of {workspace.path}"
    if name not in found:
        fix = did_you_mean(name, found) or f"there are {', '.join(list(found)[:8])}"
        raise HzdslError("name-unknown", f"{where} has no {what} '{name}'", fix=fix)
    made = found[name]
    if isinstance(made, Unknown):
        raise unreadable(made, where)
    return made


def unreadable(unknown: Unknown, where: str) -> HzdslError:
    """Return the error of something that is needed and of a class that is not known."""
    return HzdslError(
        "class-unknown",
        f"{unknown.name} in {where} is a {unknown.type}, which cannot be read ({unknown.reason})",
        fix="export the workspace with ROOT to HS3 JSON, which hzdsl reads: ROOT.RooJSONFactoryWSTool(w).exportJSON(…)",
    )
