"""The densities of an HS3 document as an unbinned model of the language, and the rows that were measured.

A factor of a product without any observable is a measurement of a parameter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hzdsl.lang.values import Value
from hzdsl.stats.densities import pdf
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.functions import exp
from hzdsl.stats.densities.model import Extended, UnbinnedChannel, UnbinnedModel
from hzdsl.stats.documents import meant
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.hs3.expressions import Expressions, words
from hzdsl.stats.hs3.reading import read_workspace
from hzdsl.stats.hs3.records import Distribution, Likelihood, Operand, Unbinned, Workspace
from hzdsl.stats.hs3.settings import chosen_likelihood
from hzdsl.stats.likelihood import Observation, Rows


def read_densities(path: str | os.PathLike[str], analysis: str | None = None) -> tuple[UnbinnedModel, Observation]:
    """Return the unbinned model of an analysis of an HS3 document, and its data.

    Parameters
    ----------
    path : str
        The document, as for `read_workspace`.
    analysis : str, optional
        Which of its analyses or likelihoods; needed where it has several.

    Raises
    ------
    HzdslError
        What `read_workspace` raises; ``unsupported`` for distributions that are no densities here and for data that are
        binned, ``name-unknown`` for what the document names and does not hold.
    """
    return unbinned_model(read_workspace(path), analysis)


def unbinned_model(workspace: Workspace, analysis: str | None = None) -> tuple[UnbinnedModel, Observation]:
    """Return the unbinned model of an analysis of a document that was read, and its data."""
    likelihood, chosen = chosen_likelihood(workspace, analysis)
    rows = {name: _rows(workspace, name, data) for name, data in _pairs(likelihood)}
    axes = [axis for found in rows.values() for axis in found.axes]
    lowering = Lowering(workspace, Expressions(workspace, chosen, axes))
    for constraint in likelihood.constraints:
        lowering.expressions.constrain(constraint)
    for name in rows:
        lowering.note_constraints(name)
    channels = (UnbinnedChannel(name, lowering.density(name)) for name in rows)
    model = UnbinnedModel(tuple(channels))
    measured = {name: _columns(found) for name, found in rows.items()}
    return model, Observation(measured, model.parameters.centers)


def _pairs(likelihood: Likelihood) -> Iterator[tuple[str, Operand]]:
    return zip(likelihood.distributions, likelihood.data, strict=True)


def _rows(workspace: Workspace, name: str, data: Operand) -> Unbinned:
    found = workspace.data.get(str(data))
    if isinstance(found, Unbinned):
        return found
    if found is None:
        fix = meant(str(data), workspace.data)
        raise workspace.at.error("name-unknown", f"holds no data '{data}', which are those of '{name}'", fix=fix)
    what = f"has binned data '{data}' of the density '{name}': rows are read"
    raise workspace.at.error("unsupported", what, "give rows: unbinned data")


def _columns(found: Unbinned) -> Rows:
    return Rows({axis.name: found.entries[:, k] for k, axis in enumerate(found.axes)}, found.weights)


class Lowering:
    """The distributions of a document as densities."""

    def __init__(self, workspace: Workspace, expressions: Expressions) -> None:
        self._workspace, self.expressions = workspace, expressions

    def note_constraints(self, name: str) -> None:
        """Note the factors without observables of a distribution and of what it is made of."""
        found = self._found(name)
        if isinstance(found, r.Product):
            for factor in found.factors:
                if self._measures(factor):
                    self.note_constraints(factor)
                else:
                    self.expressions.constrain(factor)

    def density(self, name: str) -> Density | Extended:
        """Return a distribution as a density of the observables."""
        found = self._found(name)
        if isinstance(found, r.Mixture):
            return self._mixture(found)
        if isinstance(found, r.Product):
            return self._product(found)
        return self._single(found)

    def _found(self, name: str) -> Distribution:
        found = self._workspace.distributions.get(name)
        if found is None:
            fix = meant(name, self._workspace.distributions)
            raise self.expressions.error("name-unknown", f"there is no distribution '{name}'", fix)
        return found

    def _measures(self, name: str) -> bool:
        """Return whether a distribution is one of what was measured for each row."""
        found = self._found(name)
        if isinstance(found, r.Mixture):
            return any(self._measures(x) for x in found.summands)
        if isinstance(found, r.Product):
            return any(self._measures(x) for x in found.factors)
        if isinstance(found, r.Generic):
            return True
        x = getattr(found, "x", None)
        return any(name in self.expressions.observables for name in (x if isinstance(x, tuple) else (x,)))

    # ---- of others ----

    def _mixture(self, found: r.Mixture) -> Density | Extended:
        coefficients = [self.expressions.value(c) for c in found.coefficients]
        if found.extended:
            return pdf.extended({n: (c, self._plain(n)) for n, c in zip(found.summands, coefficients, strict=True)})
        return pdf.sum([self._plain(n) for n in found.summands], coefficients)

    def _product(self, found: r.Product) -> Density | Extended:
        factors = [self.density(x) for x in found.factors if self._measures(x)]
        if len(factors) == 1:
            return factors[0]
        if not factors:
            what = f"'{found.name}' is of nothing that was measured"
            raise self.expressions.error("unsupported", what, "give the data an axis of one of its names")
        return pdf.product([self._not_extended(f, found.name) for f in factors])

    def _plain(self, name: str) -> Density:
        return self._not_extended(self.density(name), name)

    def _not_extended(self, found: Density | Extended, name: str) -> Density:
        if isinstance(found, Extended):
            what = f"'{name}' is extended, and a part of something else"
            raise self.expressions.error("unsupported", what, "give it one coefficient less than summands")
        return found

    # ---- of one observable ----

    def _x(self, found: Distribution, name: Operand) -> Value:
        value = self.expressions.observables.get(str(name))
        if value is None:
            known = ", ".join(self.expressions.observables)
            what = f"'{found.name}' is a density of '{name}', which is not measured: {known} is"
            raise self.expressions.error("unsupported", what, "give the data an axis of this name")
        return value

    def _single(self, found: Distribution) -> Density:
        """Return the density of a distribution of one observable."""
        value = self.expressions.value
        result: Density
        match found:
            case r.Gaussian(_, x, mean, sigma) | r.Landau(_, x, mean, sigma):
                make = pdf.gaussian if isinstance(found, r.Gaussian) else pdf.landau
                result = make(self._x(found, x), value(mean), value(sigma))
            case r.Exponential(_, x, c):
                result = pdf.exponential(self._x(found, x), -value(c))
            case r.Lognormal(_, x, mu, sigma):
                result = pdf.lognormal(self._x(found, x), exp(value(mu)), value(sigma))
            case r.OneSidedCrystalBall(_, x, mean, sigma, alpha, n):
                result = pdf.crystal_ball(self._x(found, x), *map(value, (mean, sigma, alpha, n)))
            case r.Argus(_, x, resonance, slope, power):
                result = pdf.argus(self._x(found, x), *map(value, (resonance, slope, power)))
            case r.Uniform(_, (x,)):
                result = pdf.uniform(self._x(found, x))
            case r.Polynomial(_, x, (first, *others)):
                result = pdf.polynomial(self._x(found, x), [value(c) / value(first) for c in others])
            case r.Chebychev(_, x, coefficients):
                result = pdf.chebyshev(self._x(found, x), [*map(value, coefficients)])
            case r.Bernstein(_, x, coefficients):
                result = pdf.bernstein(self._x(found, x), [*map(value, coefficients)])
            case r.CrystalBall():
                result = self._crystal_ball(found)
            case r.Generic():
                result = self._generic(found)
            case _:
                what = f"'{found.name}', {type(found).__name__}, is no density that is computed"
                raise self.expressions.error("unsupported", what, "write it as a generic_dist")
        return result

    def _crystal_ball(self, found: r.CrystalBall) -> Density:
        value = self.expressions.value
        return pdf.double_crystal_ball(
            self._x(found, found.x),
            value(found.mean),
            value(found.sigma_left),
            alpha_low=value(found.alpha_left),
            n_low=value(found.n_left),
            alpha_high=value(found.alpha_right),
            n_high=value(found.n_right),
            sigma_high=None if found.sigma_left == found.sigma_right else value(found.sigma_right),
        )

    def _generic(self, found: r.Generic) -> Density:
        """Return an expression, normalised numerically over the one observable in it."""
        expression = self.expressions.formula(found.expression)
        names = [n for n in self.expressions.observables if n in words(found.expression)]
        if len(names) != 1:
            what = f"'{found.name}' is of {len(names)} observables, not of one"
            raise self.expressions.error("unsupported", what, "make it a product_dist of densities of one each")
        return pdf.from_function(expression, self.expressions.observables[names[0]])
