"""Parameters of a likelihood: names, where they start and may go, and what constrains them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from math import inf, log, nan, pi, sqrt
from typing import overload

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.places import located
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number
from hzdsl.stats.factorials import stirlings_rest
from hzdsl.stats.fields import bounds, instance, is_finite, is_number, line, name, plain, put, several, switch, wrong
from hzdsl.stats.shown import Shown

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Normal:
    """A normal measurement of a parameter: ½((x - centre)/σ)², σ another one below the centre where `sigma_low` is set.

    `center` is what was measured, the *global observable*: toys and Asimov data have another one.
    """

    center: float = 0.0
    sigma: float = 1.0
    sigma_low: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no measurement."""
        if not (is_finite(self.center) and all(is_finite(w) and w > 0 for w in (self.sigma, self.below))):
            raise HzdslError("parameter", f"{self!r} is no measurement", fix="Normal(center, sigma), sigma above 0")
        put(self, center=plain(self.center), sigma=plain(self.sigma), sigma_low=plain(self.sigma_low))

    @property
    def below(self) -> float:
        """σ below the centre."""
        return self.sigma if self.sigma_low is None else self.sigma_low


@dataclass(frozen=True)
class Counted:
    """A Poisson measurement of a parameter: `count` were seen where `scale` times the parameter is expected.

    The global observable is the count; its term is ``scale x - count ln(scale x) + ln Γ(count + 1)``.
    """

    count: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no measurement."""
        if not (is_finite(self.count) and self.count >= 0 and is_finite(self.scale) and self.scale > 0):
            fix = "Counted(count, scale), the count 0 or more, the scale above 0"
            raise HzdslError("parameter", f"{self!r} is no measurement", fix=fix)
        put(self, count=plain(self.count), scale=plain(self.scale))

    @property
    def error(self) -> float:
        """About the standard deviation of the parameter: √count of it, at least that of one."""
        return sqrt(max(self.count, 1.0)) / self.scale


Constraint = Normal | Counted


@dataclass(frozen=True)
class Choice:
    """One of what an index chooses: what it is called, and the parameters that count only where it is chosen."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a likelihood.

    Parameters
    ----------
    name : str
        As users call it.
    value : float
        Where fits start; of a nuisance parameter its nominal value.
    low, high : float
        Bounds, infinite where there are none.
    constraint : Normal or Counted, optional
        What else was measured of it.
    fixed : bool
        Fits leave it alone.
    interest : bool
        It is asked for: a parameter of interest.
    step : float, optional
        About how far it may change before the likelihood does; else it is guessed.
    unit : Unit
        Of its numbers.
    groups : tuple of str
        Groups of nuisance parameters that it belongs to.
    doc : str
        One line on what it means.
    choices : tuple of Choice
        Of an index: what its values 0, 1, … choose. Fits take the best of them where it is not `fixed`.
    """

    name: str
    value: float = 0.0
    low: float = -inf
    high: float = inf
    constraint: Constraint | None = None
    fixed: bool = False
    interest: bool = False
    step: float | None = None
    unit: Unit = NONE
    groups: tuple[str, ...] = ()
    doc: str = ""
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse numbers that are none.

        A value may be outside of its bounds, where these were changed later: a fit says where it starts instead.
        """
        name("the name of a parameter", self.name, "parameter")
        of = f"of parameter '{self.name}'"
        for what in ("value", "low", "high"):
            given = getattr(self, what)
            if not is_number(given) or given != given:  # noqa: PLR0124 (NaN is not)
                raise wrong(f"the {what} {of}", given, "a number; -inf and inf are open ends of bounds", "parameter")
        bounds(f"the bounds {of}", self.low, self.high, "parameter", equal=True)
        if not (self.step is None or (is_finite(self.step) and self.step > 0)):
            raise wrong(f"the step {of}", self.step, "a number above 0", "parameter")
        put(self, **{what: plain(getattr(self, what)) for what in ("value", "low", "high", "step")})
        fix = "Normal(center, sigma) or Counted(count)"
        instance(f"the constraint {of}", self.constraint, (Normal, Counted), fix, "parameter")
        switch(f"fixed {of}", self.fixed, "parameter")
        switch(f"interest {of}", self.interest, "parameter")
        if not isinstance(self.unit, Unit):
            raise wrong(f"the unit {of}", self.unit, "that of a quantity: unit=GeV.unit", "parameter")
        put(self, groups=several(f"the groups {of}", self.groups, str, "parameter"))
        put(self, choices=several(f"the choices {of}", self.choices, Choice, "parameter"))
        line(f"the doc {of}", self.doc, "parameter")

    def __repr__(self) -> str:
        """Show what is not as it is of itself: ``Parameter('r', 1.0, low=0.0, high=20.0, interest=True)``."""
        first = f"{self.name!r}, {self.value!r}"
        said = ((f, getattr(self, f), default) for f, default in _DEFAULTS.items())
        others = (
            f"{name}={value!s}" if name == "unit" else f"{name}={value!r}" for name, value, d in said if value != d
        )
        return f"Parameter({', '.join([first, *others])})"

    @property
    def described(self) -> str:
        """In words what constrains it.

        Examples
        --------
        >>> Parameter("lumi", constraint=Normal(0, 1)).described, Parameter("b", low=0).described
        ('normal 0 ± 1', 'free, at least 0')
        """
        c = self.constraint
        if isinstance(c, Normal):
            width = f"± {number(float(c.sigma))}" if c.sigma_low is None else f"-{c.sigma_low:.4g} +{c.sigma:.4g}"
            return f"normal {number(float(c.center))} {width}"
        if isinstance(c, Counted):
            return f"counted {number(float(c.count))}, expected {c.scale:.4g} times it"
        return ", ".join(["free", *self._bounds])

    @property
    def _bounds(self) -> list[str]:
        return [
            *([f"at least {self.low:g}"] if self.low > -inf else []),
            *([f"at most {self.high:g}"] if self.high < inf else []),
        ]

    def guessed_step(self) -> float:
        """Return about how far it may change before the likelihood does."""
        if self.step is not None:
            return self.step
        if isinstance(self.constraint, Normal):
            return self.constraint.sigma
        if isinstance(self.constraint, Counted):
            return self.constraint.error
        width = self.high - self.low
        return 0.1 * abs(self.value) or (0.05 * width if width < inf else 0.1)


#: What is not said of a parameter.
_DEFAULTS = {f.name: f.default for f in fields(Parameter) if f.name not in ("name", "value")}
#: So many parameters are shown.
MOST_SHOWN = 60


class Parameters(Sequence[Parameter], Shown):
    """Parameters in the order of a likelihood's argument, found by number or name.

    Examples
    --------
    >>> p = Parameters([Parameter("r", 1, 0, 20, interest=True), Parameter("lumi", constraint=Normal())])
    >>> p.names, p.index("lumi"), p["r"].high
    (('r', 'lumi'), 1, 20)
    """

    @located
    def __init__(self, items: Iterable[Parameter]) -> None:
        if not isinstance(items, Iterable):
            raise HzdslError("parameter", f"{items!r:.60} are no parameters", fix="Parameters([Parameter('r', 1.0)])")
        self._items = tuple(items)
        self._index: dict[str, int] = {}
        for k, item in enumerate(self._items):
            if not isinstance(item, Parameter):
                raise HzdslError("parameter", f"{item!r:.60} is no Parameter", fix="Parameters([Parameter('r', 1.0)])")
            if self._index.setdefault(item.name, k) != k:
                raise HzdslError("name-twice", f"there are two parameters '{item.name}'", fix="call one otherwise")

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._items)

    @overload
    def __getitem__(self, key: int | str) -> Parameter: ...
    @overload
    def __getitem__(self, key: slice) -> Parameters: ...
    def __getitem__(self, key: int | str | slice) -> Parameter | Parameters:
        if isinstance(key, slice):
            return Parameters(self._items[key])
        return self._items[self.index(key) if isinstance(key, str) else key]

    def __contains__(self, name: object) -> bool:
        return name in self._index or name in self._items

    def __repr__(self) -> str:
        return f"Parameters({', '.join(self.names)})"

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table: where each starts, its unit, what constrains it; of very many the first."""
        rows = tuple(
            (
                p.name,
                number(p.value),
                str(p.unit),
                "fixed" if p.fixed else p.described,
                "interest" if p.interest else "",
                p.doc,
            )
            for p in self._items[:MOST_SHOWN]
        )
        header = ("parameter", "value", "unit", "constraint", "", "meaning")
        shown = [k for k, name in enumerate(header) if k < 2 or any(row[k] for row in rows)]
        more = len(self) - len(rows)
        cut = tuple(tuple(row[k] for k in shown) for row in rows)
        note = f"{more} more" if more else ""
        return (TextTable("parameters", tuple(header[k] for k in shown), cut, numbers=False, note=note),)

    def index(self, name: object, start: int = 0, stop: int | None = None) -> int:
        """Return the place of a parameter, by its name.

        Raises
        ------
        HzdslError
            ``name-unknown`` where there is none of this name.
        """
        found = self._index.get(str(name))
        if found is None:
            fix = did_you_mean(str(name), self._index) or f"there are {', '.join(self.names[:8])}"
            raise HzdslError("name-unknown", f"there is no parameter '{name}'", fix=fix)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(p.name for p in self._items)

    @property
    def values(self) -> Vector:
        """Where fits start."""
        return np.array([p.value for p in self._items], float)

    @property
    def low(self) -> Vector:
        """Lower bounds."""
        return np.array([p.low for p in self._items], float)

    @property
    def high(self) -> Vector:
        """Upper bounds."""
        return np.array([p.high for p in self._items], float)

    @property
    def steps(self) -> Vector:
        """About how far each may change before the likelihood does."""
        return np.array([p.guessed_step() for p in self._items], float)

    @property
    def free(self) -> npt.NDArray[np.bool_]:
        """Which are not fixed; an index is not among them."""
        return np.array([not p.fixed and not p.choices for p in self._items], bool)

    @property
    def indices(self) -> tuple[int, ...]:
        """The places of those that choose between functions, fixed or not."""
        return tuple(k for k, p in enumerate(self._items) if p.choices)

    def idle(self, x: Vector) -> tuple[int, ...]:
        """Return the places of parameters that count for nothing: no index chooses a function that has them."""
        counting, others = set[str](), set[str]()
        for k in self.indices:
            for state, choice in enumerate(self._items[k].choices):
                (counting if state == x[k] else others).update(choice.parameters)
        return tuple(sorted(self._index[name] for name in others - counting))

    @property
    def interest(self) -> tuple[str, ...]:
        """The names of those of interest."""
        return tuple(p.name for p in self._items if p.interest)

    @property
    def centers(self) -> Vector:
        """The global observables; NaN where a parameter is not constrained."""
        return np.array([center_of(p.constraint) for p in self._items], float)

    def changed(self, changes: Mapping[str, Mapping[str, object]]) -> Parameters:
        """Return parameters of which some have other fields.

        Examples
        --------
        >>> Parameters([Parameter("r", 1)]).changed({"r": {"fixed": True, "value": 0.0}})[0].fixed
        True
        """
        items = list(self._items)
        for which, others in changes.items():
            k = self.index(which)
            items[k] = replace(items[k], **others)  # type: ignore[arg-type]
        return Parameters(items)


def center_of(constraint: Constraint | None) -> float:
    """Return the global observable of a constraint, NaN of none."""
    if constraint is None:
        return nan
    return constraint.center if isinstance(constraint, Normal) else constraint.count


def offset_of(constraint: Constraint | None, center: float) -> float:
    """Return what a constraint adds to -ln L whatever the value of its parameter."""
    if isinstance(constraint, Normal):
        return 0.5 * log(2 * pi) + log(0.5 * (constraint.sigma + constraint.below))
    return 0.0 if constraint is None else float(stirlings_rest(np.array(center)))


def random_center(constraint: Constraint, value: float, rng: np.random.Generator) -> float:
    """Return a global observable as another experiment may find it where its parameter has this value.

    With two uncertainties the centre lies above the parameter as often as the lower one is of their sum.
    """
    if isinstance(constraint, Counted):
        return float(rng.poisson(constraint.scale * value))
    distance = abs(rng.standard_normal())
    if rng.random() * (constraint.below + constraint.sigma) < constraint.below:
        return value + constraint.below * distance
    return value - constraint.sigma * distance


def random_value(constraint: Constraint, rng: np.random.Generator) -> float:
    """Return a parameter drawn from its measurement alone: the posterior of a uniform prior.

    Above the centre it is as often as the upper uncertainty is of their sum; of a count it is a Γ variable.
    """
    if isinstance(constraint, Counted):
        return float(rng.gamma(constraint.count + 1) / constraint.scale)
    distance = abs(rng.standard_normal())
    if rng.random() * (constraint.below + constraint.sigma) < constraint.below:
        return constraint.center - constraint.below * distance
    return constraint.center + constraint.sigma * distance
