"""What fits leave alone: parameters, and bins whose statistics of simulation is profiled, by name or by group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.combine.statistics import GROUP, name_of_bin
from hzdsl.stats.likelihood import Flags
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.parts import JointLikelihood

#: Combine's word for all parameters that something constrains.
CONSTRAINED = "allConstrainedNuisances"
_REGEX = re.compile(r"rgx\{(.*)\}$")
Bin = tuple[str, int]


@dataclass(frozen=True)
class Left:
    """What is left alone: parameters by name, and (channel, number) of bins that have one which is profiled."""

    names: tuple[str, ...] = ()
    bins: frozenset[Bin] = frozenset()

    def flags(self, likelihood: JointLikelihood) -> dict[str, Flags]:
        """Return which bins these are, by channel."""
        return {c: np.array([(c, b) in self.bins for b in range(len(f))]) for c, f in likelihood.profiled.items()}


def left_alone(likelihood: JointLikelihood, fixed: Iterable[str], groups: Iterable[str]) -> Left:
    """Return what names and groups mean.

    Parameters
    ----------
    likelihood : JointLikelihood
        Of which they are.
    fixed : iterable of str
        Names, also Combine's of bins (``prop_binCHANNEL_binK``); ``rgx{REGEX}``; ``allConstrainedNuisances``.
    groups : iterable of str
        Groups; with ``^`` before it, everything that is constrained but this one.

    Raises
    ------
    HzdslError
        ``name-unknown`` for what does not exist.
    """
    found = [*(_meant(likelihood, text) for text in fixed), *(_members(likelihood, group) for group in groups)]
    names = tuple(dict.fromkeys(name for one in found for name in one.names))
    return Left(names, frozenset(b for one in found for b in one.bins))


def named(parameters: Parameters, text: str) -> tuple[str, ...]:
    """Return the parameters that a name or a regular expression means.

    Raises
    ------
    HzdslError
        ``name-unknown`` where there is none, ``options`` for what is no regular expression.
    """
    pattern = _pattern(text)
    if pattern is None:
        parameters.index(text)
        return (text,)
    found = tuple(n for n in parameters.names if pattern.fullmatch(n))
    if not found:
        raise _unmatched(text)
    return found


def _pattern(text: str) -> re.Pattern[str] | None:
    written = _REGEX.match(text)
    if written is None:
        return None
    try:
        return re.compile(written[1])
    except re.error as error:
        raise HzdslError("options", f"'{written[1]}' is no regular expression: {error}") from None


def _unmatched(text: str) -> HzdslError:
    return HzdslError("name-unknown", f"no parameter matches {text}", fix="it has to match the whole name")


def _bins(likelihood: JointLikelihood) -> Iterator[Bin]:
    for channel, flags in likelihood.profiled.items():
        yield from ((channel, int(b)) for b in np.flatnonzero(flags))


def _meant(likelihood: JointLikelihood, text: str) -> Left:
    """Return what one name, regular expression or word means."""
    if text == CONSTRAINED:
        return Left(_constrained(likelihood.parameters), frozenset(_bins(likelihood)))
    of_bins = {name_of_bin(*b): b for b in _bins(likelihood)}
    if text in of_bins:
        return Left(bins=frozenset([of_bins[text]]))
    pattern = _pattern(text)
    if pattern is None:
        return Left(named(likelihood.parameters, text))
    names = tuple(n for n in likelihood.parameters.names if pattern.fullmatch(n))
    bins = frozenset(b for n, b in of_bins.items() if pattern.fullmatch(n))
    if not (names or bins):
        raise _unmatched(text)
    return Left(names, bins)


def _constrained(parameters: Parameters) -> tuple[str, ...]:
    return tuple(p.name for p in parameters if p.constraint is not None)


def _members(likelihood: JointLikelihood, group: str) -> Left:
    """Return what belongs to a group, or all that is constrained but this."""
    parameters, name = likelihood.parameters, group.removeprefix("^")
    members = tuple(p.name for p in parameters if name in p.groups)
    bins = frozenset(_bins(likelihood))
    inside = bins if name == GROUP else frozenset[Bin]()
    if not (members or inside):
        known = sorted({g for p in parameters for g in p.groups} | ({GROUP} if bins else set()))
        fix = did_you_mean(name, known) or (f"there are {', '.join(known)}" if known else "there are no groups")
        raise HzdslError("name-unknown", f"there is no group '{name}' of parameters", fix=fix)
    if name == group:
        return Left(members, inside)
    return Left(tuple(n for n in _constrained(parameters) if n not in members), bins - inside)
