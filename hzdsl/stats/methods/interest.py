"""The parameter that a method asks about: the one that is named, or the only one of interest."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.errors import HzdslError
from hzdsl.stats.likelihood import Likelihood

#: Told of what is done: how many of how many, and what in words.
Progress = Callable[[int, int, str], None]


def poi_of(likelihood: Likelihood, name: str | None = None) -> str:
    """Return the name of the parameter of interest.

    Raises
    ------
    HzdslError
        ``name-unknown`` where there is none of this name, ``parameter`` where none is named and there is not exactly
        one of interest.
    """
    if name is not None:
        likelihood.parameters.index(name)
        return name
    of_interest = likelihood.parameters.interest
    if len(of_interest) != 1:
        known = f"there are {', '.join(of_interest)}" if of_interest else "mark one with interest=True"
        raise HzdslError(
            "parameter", f"{len(of_interest)} parameters are of interest, and none is named", fix=f"name one: {known}"
        )
    return of_interest[0]


def nuisances_of(likelihood: Likelihood) -> tuple[str, ...]:
    """Return the names of all parameters that are neither fixed nor of interest; indices are not among them."""
    parameters = likelihood.parameters
    return tuple(p.name for p, free in zip(parameters, parameters.free, strict=True) if free and not p.interest)


def silent(done: int, total: int, text: str) -> None:
    """Tell nobody."""
