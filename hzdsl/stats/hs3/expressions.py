"""Names of an HS3 document as values of the language: parameters, observables and functions of these.

Numbers have no units, as documents have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf, prod

from hzdsl.errors import HzdslError
from hzdsl.ir.units import NONE
from hzdsl.lang.values import Value
from hzdsl.stats import declare
from hzdsl.stats.densities.functions import exp, total
from hzdsl.stats.formulas import formula
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.hs3.records import Analysis, Axis, Operand, Workspace
from hzdsl.stats.hs3.settings import Settings
from hzdsl.stats.observable import constant, observable
from hzdsl.stats.parameters import Constraint, Normal

_NAME = re.compile(r"[A-Za-z_]\w*")


def words(text: str) -> tuple[str, ...]:
    """Return the names in an expression, each once."""
    return tuple(dict.fromkeys(_NAME.findall(text)))


class Expressions:
    """The values of a document, each made once.

    Parameters
    ----------
    workspace : Workspace
        The document.
    analysis : Analysis, optional
        Says where parameters start, where they may go, and which are of interest.
    axes : iterable of Axis
        What was measured: observables.
    """

    def __init__(self, workspace: Workspace, analysis: Analysis | None, axes: Iterable[Axis]) -> None:
        self._workspace = workspace
        self._interest = analysis.interest if analysis else ()
        self.settings = Settings(workspace, analysis)
        self._values: dict[str, Value] = {}
        for axis in axes:
            self._values.setdefault(axis.name, self._observable(axis))
        self.observables = dict(self._values)
        self.constraints: dict[str, Constraint] = {}

    def error(self, code: str, what: str, fix: str) -> HzdslError:
        """Return an error of the document."""
        return HzdslError(code, f"{self._workspace.at.source.name}: {what}", fix=fix)

    def constrain(self, distribution: str) -> None:
        """Note a distribution as a measurement of a parameter; parameters are made with what was noted of them."""
        name = self.settings.constrained_by(distribution, self._workspace.at)
        found = self.settings.constraint(distribution, name, self._workspace.at)
        if self.constraints.setdefault(name, found) != found:
            what = f"'{name}' is constrained by {found} and by {self.constraints[name]}"
            raise self.error("name-twice", what, "leave one of them out")

    def value(self, x: Operand) -> Value:
        """Return a number, a parameter, an observable or a function of these."""
        if not isinstance(x, str):
            return constant(x, NONE)
        if x not in self._values:
            function = self._workspace.functions.get(x)
            self._values[x] = self._parameter(x) if function is None else self._function(function)
        return self._values[x]

    def formula(self, text: str) -> Value:
        """Return an expression in the language of ROOT's formulas; names in it may be those of functions, too."""
        points = {name for point in self._workspace.points.values() for name in point}
        known = points | {*self._workspace.functions, *self.observables}
        names = [n for n in words(text) if n in known]
        return Value(formula(text, {n: self.value(n).node for n in names}))

    def _observable(self, axis: Axis) -> Value:
        low, high = axis.low, axis.high
        if not -inf < low < high < inf:
            low, high = self.settings.bounds(axis.name)
        if not -inf < low < high < inf:
            raise self.error("spec-value", f"'{axis.name}' is measured and has no range", "densities need it")
        return observable(axis.name, low, high)

    def _parameter(self, name: str) -> Value:
        start = self.settings.number(name, self._workspace.at)
        low, high = self.settings.bounds(name)
        found = self.constraints.get(name)
        measured = None
        if isinstance(found, Normal):
            measured = declare.normal(found.center, found.sigma)
        elif found is not None:
            measured = declare.counted(found.count, found.scale)
        return declare.parameter(
            name,
            start,
            bounds=(low if low > -inf else None, high if high < inf else None),
            constraint=measured,
            fixed=self.settings.fixed(name),
            interest=name in self._interest,
        )

    def _function(self, function: r.Function) -> Value:
        result: Value
        if isinstance(function, r.GenericFunction):
            return self.formula(function.expression)
        if isinstance(function, r.SumOf):
            result = total([self.value(x) for x in function.summands])
            return result
        if isinstance(function, r.ProductOf):
            return self._product(function.factors)
        if isinstance(function, r.ProcessNormalization) and not function.asymmetric_thetas:
            kappas = zip(function.log_kappas, function.thetas, strict=True)
            exponents = [self.value(k) * self.value(theta) for k, theta in kappas]
            result = self._product((function.nominal, *function.factors))
            return result * exp(total(exponents)) if exponents else result
        what = f"the function '{function.name}', {type(function).__name__}, is not computed"
        raise self.error("unsupported", what, "write it as a generic_function")

    def _product(self, factors: tuple[Operand, ...]) -> Value:
        result: Value = prod((self.value(x) for x in factors[1:]), start=self.value(factors[0]))
        return result
