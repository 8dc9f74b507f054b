"""Functions and densities of a RooFit workspace as expressions of the language.

Each class is one row of `values.VALUES` or `shapes.DENSITIES`. A constant variable is a number, any other a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.algebra import number
from hzdsl.ir.node import Node, topological
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.parameters import Choice, Parameter
from hzdsl.stats.roofit.records import Category, Function, Variable, Workspace
from hzdsl.stats.roofit.shapes import DENSITIES
from hzdsl.stats.roofit.values import VALUES


class Lowering:
    """The functions of a workspace as expressions.

    Parameters
    ----------
    workspace : Workspace
        As it was read.
    observables : mapping of str to Value
        What stands for the variables that are measured.
    floating : collection of str
        Variables that are parameters, even where the workspace has them constant.
    values : mapping of str to float
        Other values of variables, which are constant then (the mass MH).
    """

    def __init__(
        self,
        workspace: Workspace,
        observables: Mapping[str, Value],
        floating: Collection[str] = (),
        values: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.workspace = workspace
        self.observables, self._floating, self._given = observables, floating, values
        self._values: dict[str, Node] = {}
        self._densities: dict[str, Density] = {}
        #: The parameters that have been met, with the values and ranges of the workspace.
        self.parameters: dict[str, Parameter] = {}

    def value(self, name: str) -> Node:
        """Return a variable or a function as an expression: per event, or along rows where it depends on observables.

        Raises
        ------
        HzdslError
            ``class-unknown`` for functions that have no expression here; ``name-unknown``.
        """
        if name not in self._values:
            found = self.workspace.node(name)
            if isinstance(found, Variable):
                self._values[name] = self._variable(found)
            elif isinstance(found, Function):
                self._values[name] = _row(found, VALUES, self)(self, found)
            else:
                what = f"{name} is a category, and a number is needed"
                raise HzdslError("class-unknown", what, fix="give the state that is meant")
        return self._values[name]

    def density(self, name: str) -> Density:
        """Return a density.

        Raises
        ------
        HzdslError
            As `value`.
        """
        if name not in self._densities:
            found = self.workspace.node(name)
            if not isinstance(found, Function):
                raise HzdslError("class-unknown", f"{name} is no density", fix="name a RooAbsPdf")
            self._densities[name] = _row(found, DENSITIES, self)(self, found)
        return self._densities[name]

    def number(self, name: str) -> float | None:
        """Return the value of something that does not depend on parameters or observables; else None."""
        node = self.value(name)
        if any(n.op in ("param", "column") for n in topological([node])):
            return None
        return float(RowEvaluator([Value(node)]).scalars({})[0])

    def observable(self, name: str) -> Value:
        """Return a measured variable."""
        return Value(self.value(name))

    def _variable(self, v: Variable) -> Node:
        if v.name in self.observables:
            return self.observables[v.name].node
        if v.name in self._given:
            return number(self._given[v.name])
        if v.constant and v.name not in self._floating:
            return number(v.value)
        step = v.error or None
        self.parameters[v.name] = Parameter(v.name, v.value, v.low, v.high, step=step, doc=v.title)
        return build.param(v.name, float(v.value))

    def index(self, name: str, choices: tuple[str, ...]) -> Value:
        """Return a category as the parameter that chooses between functions, which are called so.

        Raises
        ------
        HzdslError
            ``class-unknown`` where it is no category, or its values are not 0, 1, … of as many functions.
        """
        found = self.workspace.node(name)
        if not isinstance(found, Category) or found.index not in range(len(choices)):
            what = f"{name} does not choose one of {len(choices)} functions"
            raise HzdslError("class-unknown", what, fix="use a RooCategory that RooMultiPdf has defined the states of")
        names = tuple(Choice(c) for c in choices)
        if len(self.parameters.setdefault(name, self._index(found, names)).choices) != len(choices):
            what = f"{name} chooses between {len(choices)} functions, and elsewhere of another number of them"
            raise HzdslError("class-unknown", what, fix="give each RooMultiPdf its own index")
        return Value(build.param(name, float(found.index)))

    def _index(self, found: Category, choices: tuple[Choice, ...]) -> Parameter:
        fixed = found.name not in self._floating or "Constant" in found.flags
        doc = found.title or "which function it is"
        low, high = 0.0, len(choices) - 1.0
        return Parameter(found.name, float(found.index), low, high, fixed=fixed, doc=doc, choices=choices)

    def values(self, names: Any) -> list[Value]:
        """Return several functions as values."""
        return [Value(self.value(n)) for n in names]


def _row(found: Function, rows: Mapping[str, Any], lowering: Lowering) -> Any:
    row = rows.get(found.type)
    if row is None:
        where = f"in the workspace {lowering.workspace.name} of {lowering.workspace.path}"
        what = f"{found.name} {where} is a {found.type}, which has no meaning here"
        raise HzdslError("class-unknown", what, fix=f"there are {', '.join(sorted(rows))}")
    return row
