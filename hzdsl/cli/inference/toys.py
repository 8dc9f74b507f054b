"""Toys as commands ask for them: fitted, kept, or given to another method."""

from __future__ import annotations

import os
from dataclasses import replace

from hzdsl.cli.inference.request import Outcome, Study, Subject
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.coverage import coverage
from hzdsl.stats.methods.generated import Generated, generated
from hzdsl.stats.methods.interest import silent
from hzdsl.stats.methods.repeated import repeated
from hzdsl.stats.methods.toys import ToyFailed
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.pretended import ASIMOV, asimov_at, origin


@dataclass(frozen=True)
class Generate:
    """Pretended data, kept."""

    name: str = "data sets"
    random: bool = False
    signal: bool = False

    def run(self, subject: Subject) -> Outcome:
        """Throw them, or make the Asimov data."""
        likelihood, wanted = subject.likelihood, subject.pretended
        if not wanted.toys:
            raise HzdslError("options", "nothing is generated", fix="--toys N, or -1 for Asimov data (Combine: -t)")
        at = origin(likelihood, wanted)
        if wanted.toys == ASIMOV:
            one = asimov_at(likelihood, wanted, at)
            return Outcome((Generated(likelihood.parameters.names, at, None, (one,)),))
        return Outcome((generated(likelihood, at, wanted.how(subject.how)),))


def over_toys(study: Study, subject: Subject) -> Outcome:
    """Do a method for each toy; a fit is also asked how often its intervals contain the truth.

    Raises
    ------
    HzdslError
        ``options`` where the method throws toys itself, or says nothing that has a distribution.
    """
    likelihood, how = subject.likelihood, subject.pretended.how(subject.how)
    if study.random:
        raise HzdslError("options", f"the {study.name} would throw toys for each toy", fix="use Asimov data instead")
    at = origin(likelihood, subject.pretended)
    if study.name == "fit":
        return Outcome((coverage(likelihood, at, None, how, model=os.path.basename(subject.opened.name)),))

    def method(toy: Likelihood) -> dict[str, float]:
        assert isinstance(toy, JointLikelihood)
        quiet = replace(subject, likelihood=toy, how=replace(how, progress=silent))
        outcome = study.run(quiet)
        if outcome.problems:
            raise ToyFailed("; ".join(outcome.problems))
        return dict(outcome.numbers)

    return Outcome((repeated(likelihood, at, method, how, what=study.name),))
