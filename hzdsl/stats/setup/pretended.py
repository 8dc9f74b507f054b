"""Data that are pretended: Asimov data and toys, of nominal parameters or of those fitted to the real data."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.methods.asimov import asimov_of, parameters_at
from hzdsl.stats.methods.statistics import needed
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parameters import Vector
from hzdsl.stats.parts import JointLikelihood

Systematics = Literal["centers", "varied", "none"]
#: So many toys mean Asimov data.
ASIMOV = -1


@dataclass(frozen=True)
class Pretended:
    """What is analysed in the place of the data.

    Parameters
    ----------
    toys : int
        0: the data themselves; -1: Asimov data; else so many toys.
    expected : tuple of (str, float)
        Values of parameters that the pretended data have; an empty name is the signal strength.
    fitted : bool
        Nuisance parameters are those fitted to the data with the parameters of interest at their values, and global
        observables go with them (Combine's ``--toysFrequentist``); else they are nominal.
    systematics : {"centers", "varied", "none"}
        What toys differ in besides counts: in global observables, drawn around nuisance parameters that are the same
        for all toys (frequentist); in nuisance parameters, drawn from their constraints; in nothing.
    """

    toys: int = 0
    expected: tuple[tuple[str, float], ...] = ()
    fitted: bool = False
    systematics: Systematics = "centers"

    def words(self) -> str:
        """Return in words what is analysed.

        Examples
        --------
        >>> Pretended().words(), Pretended(-1, (("r", 1.0),)).words()
        ('observed data', 'Asimov data of r = 1')
        """
        if not self.toys:
            return "observed data"
        what = "Asimov data" if self.toys == ASIMOV else f"{self.toys} toys"
        at = ", ".join(f"{name} = {value:g}" for name, value in self.expected)
        after = ", nuisance parameters as fitted to the data" if self.fitted else ""
        return f"{what} of {at or 'the nominal model'}{after}"

    def how(self, how: How) -> How:
        """Return how toys are thrown.

        Examples
        --------
        >>> how = Pretended(5, systematics="varied").how(How())
        >>> how.toys, how.centers, how.varied
        (5, False, True)
        """
        return replace(how, toys=self.toys, centers=self.systematics == "centers", varied=self.systematics == "varied")


def named(likelihood: JointLikelihood, wanted: Pretended) -> Pretended:
    """Return the same with the name of the signal strength: ``r``, or the only parameter of interest.

    Raises
    ------
    HzdslError
        ``options`` where there are several; ``name-unknown``.
    """
    interest = likelihood.parameters.interest
    single = "r" if "r" in likelihood.parameters.names else interest[0] if len(interest) == 1 else None
    found = []
    for name, value in wanted.expected:
        if not name and single is None:
            what = f"the model has {len(interest)} parameters of interest: a signal strength alone says none of them"
            raise HzdslError("options", what, fix=f"say which: {', '.join(f'{n}={value:g}' for n in interest)}")
        found.append((name or str(single), value))
        likelihood.parameters.index(found[-1][0])
    return replace(wanted, expected=tuple(found))


def origin(likelihood: JointLikelihood, wanted: Pretended) -> Vector:
    """Return the parameters that pretended data have.

    Raises
    ------
    HzdslError
        ``fit`` where the fit to the data does not converge.
    """
    x = parameters_at(likelihood, wanted.expected)
    if not wanted.fitted:
        return x
    held = dict(wanted.expected)
    held |= {n: float(x[likelihood.parameters.index(n)]) for n in likelihood.parameters.interest if n not in held}
    return needed(likelihood, "of nuisance parameters to the data", start=x, fixed=held)


def asimov(likelihood: JointLikelihood, wanted: Pretended) -> JointLikelihood:
    """Return a likelihood given Asimov data."""
    return likelihood.given(asimov_at(likelihood, wanted, origin(likelihood, wanted)))


def asimov_at(likelihood: JointLikelihood, wanted: Pretended, at: Vector) -> Observation:
    """Return Asimov data of the parameters that pretended data have: see `origin`."""
    return asimov_of(likelihood, dict(wanted.expected), at if wanted.fitted else None)
