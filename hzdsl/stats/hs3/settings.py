"""Where parameters of an HS3 document start and may go, what is fixed, and what its distributions say of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.documents import Value, meant
from hzdsl.stats.hs3.records import Analysis, Gaussian, Likelihood, Operand, Poisson, ProductOf, Setting, Workspace
from hzdsl.stats.parameters import Constraint, Counted, Normal

#: The point that ROOT writes with the values of all parameters.
_DEFAULT = "default_values"


class Settings:
    """What a document says of single parameters, for one analysis: in its own domains and points first."""

    def __init__(self, workspace: Workspace, analysis: Analysis | None) -> None:
        self._workspace = workspace
        chosen = (analysis.init if analysis else None) or _DEFAULT
        points = workspace.points
        self._points = [points[n] for n in (chosen, *points) if n in points]
        first = analysis.domains if analysis else ()
        self._domains = [workspace.domains[n] for n in (*first, *workspace.domains) if n in workspace.domains]

    def value(self, name: str, default: float) -> float:
        """Return where a parameter starts."""
        return next((s.value for s in self._settings(name)), default)

    def bounds(self, name: str, default: tuple[float, float] = (-inf, inf)) -> tuple[float, float]:
        """Return the bounds of a parameter: of the first domain that has it, else those beside its value."""
        for domain in self._domains:
            if name in domain:
                return domain[name].low, domain[name].high
        for s in self._settings(name):
            if s.low is not None or s.high is not None:
                return -inf if s.low is None else s.low, inf if s.high is None else s.high
        return default

    def fixed(self, name: str, default: bool = False) -> bool:
        """Return whether a parameter is fixed; `default` is of those of which nothing is said."""
        first = next(self._settings(name), None)
        if first is None:
            return default or name in self._workspace.constants
        return first.fixed or name in self._workspace.constants

    def number(self, x: Operand, at: Value) -> float:
        """Return a number, or the value of what has a name."""
        if not isinstance(x, str):
            return x
        found = next((s.value for s in self._settings(x)), None)
        if found is None:
            what = f"needs the value of '{x}', which no point of parameters has"
            raise at.error("name-unknown", what, f'add {{"name": "{x}", "value": …}} to one of parameter_points')
        return found

    def constraint(self, distribution: str, parameter: str, at: Value) -> Constraint:
        """Return what a distribution of a parameter and of what was measured of it says.

        Raises
        ------
        HzdslError
            ``name-unknown`` where there is no such distribution, ``unsupported`` where it is of another kind.
        """
        found = self._workspace.distributions.get(distribution)
        if found is None:
            what = f"is constrained by '{distribution}', and there is no such distribution"
            raise at.error("name-unknown", what, meant(distribution, self._workspace.distributions))
        if isinstance(found, Gaussian) and parameter in (found.x, found.mean):
            observed = found.mean if found.x == parameter else found.x
            return Normal(self.number(observed, at), self.number(found.sigma, at))
        if isinstance(found, Poisson) and (scale := self._scale(found.mean, parameter, at)) is not None:
            return Counted(self.number(found.x, at), scale)
        what = f"is constrained by '{distribution}', a {type(found).__name__}"
        fix = "a gaussian_dist of it, and a poisson_dist of it or of a product of it and a number are read"
        raise at.error("unsupported", what, fix=fix)

    def constrained_by(self, distribution: str, at: Value) -> str:
        """Return the parameter that a distribution constrains: of its names the one that is not kept constant."""
        found = self._workspace.distributions.get(distribution)
        names = [found.x, found.mean] if isinstance(found, Gaussian | Poisson) else []
        product = self._workspace.functions.get(str(names[-1])) if names else None
        names += product.factors if isinstance(product, ProductOf) else ()
        free = [n for n in names if isinstance(n, str) and n not in self._workspace.functions and not self.fixed(n)]
        if len(free) != 1:
            what = f"names '{distribution}', which constrains not exactly one parameter"
            raise at.error("unsupported", what, "mark what was measured as const in a parameter point")
        return free[0]

    def _scale(self, mean: Operand, parameter: str, at: Value) -> float | None:
        """Return what multiplies a parameter in a mean, None where the mean is something else."""
        if mean == parameter:
            return 1.0
        product = self._workspace.functions.get(str(mean))
        if not isinstance(product, ProductOf) or parameter not in product.factors:
            return None
        others = [f for f in product.factors if f != parameter]
        return self.number(others[0], at) if len(others) == 1 else None

    def _settings(self, name: str) -> Iterator[Setting]:
        return (point[name] for point in self._points if name in point)


def chosen_likelihood(workspace: Workspace, name: str | None) -> tuple[Likelihood, Analysis | None]:
    """Return the likelihood that is asked for by its name or that of an analysis, and the analysis if there is one.

    Raises
    ------
    HzdslError
        ``options`` where there are several to choose from, ``name-unknown``, ``unsupported`` where there is none.
    """
    file = workspace.at.source.name
    known = [*workspace.analyses, *(n for n in workspace.likelihoods if n not in workspace.analyses)]
    used = {a.likelihood for a in workspace.analyses.values()}
    several = [n for n in known if n in workspace.analyses or n not in used]
    if not several:
        what = f"{file} has neither analyses nor likelihoods: nothing says what goes together"
        raise HzdslError("unsupported", what, fix="add a likelihood, with its distributions and data")
    if name is None and len(several) > 1:
        what = f"{file} holds {len(several)} analyses: {', '.join(several)}"
        raise HzdslError("options", what, fix=f'choose one: analysis="{several[0]}"')
    chosen = several[0] if name is None else name
    if chosen not in known:
        fix = did_you_mean(chosen, known) or f"there are {', '.join(known)}"
        raise HzdslError("name-unknown", f"{file} holds no analysis '{chosen}'", fix=fix)
    analysis = workspace.analyses.get(chosen)
    named = analysis.likelihood if analysis else chosen
    if named not in workspace.likelihoods:
        what = f"{file} holds no likelihood '{named}'"
        raise HzdslError("name-unknown", what, fix=meant(named, workspace.likelihoods))
    return workspace.likelihoods[named], analysis
