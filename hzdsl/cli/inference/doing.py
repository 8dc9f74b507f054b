"""Doing what is asked for: a model opened, changed and given its data, the method done, its results delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hzdsl.cli.inference.delivery import Told, check_output, deliver
from hzdsl.cli.inference.limits import Limit
from hzdsl.cli.inference.request import Outcome, Output, Request, Subject
from hzdsl.cli.inference.toys import Generate, over_toys
from hzdsl.cli.notes import counted, say
from hzdsl.cli.progress import Move, progress_bar
from hzdsl.errors import HzdslError
from hzdsl.stats.likelihood import no_data
from hzdsl.stats.methods.asymptotic import Limits
from hzdsl.stats.methods.interest import Progress, silent
from hzdsl.stats.methods.limit_series import LimitSeries
from hzdsl.stats.methods.toy_limits import ToyLimits
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.adjusting import adjusted, frozen_after_fit, said_ranges, without_effect
from hzdsl.stats.setup.opening import Opened, opened
from hzdsl.stats.setup.pretended import ASIMOV, Pretended, asimov, named


def do(request: Request) -> None:
    """Do what is asked for.

    Raises
    ------
    HzdslError
        ``fit`` after the results were shown, where they cannot be trusted; else what kept it from being done.
    """
    check_output(request.output)
    with progress_bar(not request.output.bar) as move:
        outcome, told = _worked(request, _progress(move))
    _delivered(outcome, told, request.output)


def do_series(requests: Mapping[float, Request]) -> None:
    """Find limits at each of several masses, and show them together.

    Raises
    ------
    HzdslError
        As `do`.
    """
    first = next(iter(requests.values()))
    check_output(first.output)
    found: dict[float, tuple[Outcome, Told]] = {}
    with progress_bar(not first.output.bar) as move:
        for mass, request in requests.items():
            outcome, told = _worked(request, _progress(move, f"{mass:g}: "))
            if isinstance(outcome, HzdslError):
                break
            found[mass] = outcome, told
    if isinstance(outcome, HzdslError):
        return _delivered(outcome, told, first.output)
    limits = {
        m: record for m, (o, _) in found.items() for record in o.records if isinstance(record, Limits | ToyLimits)
    }
    problems = tuple(f"{m:g}: {text}" for m, (o, _) in found.items() for text in o.problems)
    notes = tuple(dict.fromkeys(note for _, told in found.values() for note in told.notes))
    outcome = Outcome((LimitSeries("mass [GeV]", limits),), problems, fix=next(iter(found.values()))[0].fix)
    _, told = next(iter(found.values()))
    head = f"masses {', '.join(f'{m:g}' for m in requests)}; {told.head}"
    _delivered(outcome, replace(told, head=head, notes=notes), first.output)


def _worked(request: Request, progress: Progress) -> tuple[Outcome | HzdslError, Told]:
    """Return what is found, or the error with which the method ends, and what is said besides."""
    progress(0, 1, "reading")
    found = opened(request.inputs, request.reading)
    likelihood = adjusted(found.likelihood, request.adjustments)
    likelihood, silent_ones = _acting(likelihood, request, found)
    pretended = _pretended(likelihood, request)
    ranges = said_ranges(likelihood.parameters, request.adjustments)
    how = How(seed=request.seed, threads=request.threads, progress=progress)
    subject = _frozen(_given(Subject(likelihood, found, pretended, how, ranges), request), request)
    outcome = _done(request, subject)
    random = request.study.random or pretended.toys > 0
    head = f"{found.name}: {_headline(found, subject.likelihood)}; {pretended.words()}"
    notes = [*request.notes, *found.remarks, *silent_ones, *_frozen_bins(found.likelihood, subject.likelihood)]
    notes += [*_empty(subject.likelihood), *(() if isinstance(outcome, HzdslError) else outcome.notes)]
    notes += [f"seed {request.seed}"] if random else []
    return outcome, Told(head, subject, request.seed if random else None, tuple(notes))


def _delivered(outcome: Outcome | HzdslError, told: Told, output: Output) -> None:
    """Say and show what was found; what is odd in the model is said of an error, too: it may be why.

    Raises
    ------
    HzdslError
        With which the method ended, or ``fit`` where what was found cannot be trusted.
    """
    if not output.quiet:
        say(told.notes)
    if isinstance(outcome, HzdslError):
        raise outcome
    deliver(outcome, told, output)
    if outcome.problems:
        raise _failed(outcome, told.subject.likelihood)


def _empty(likelihood: JointLikelihood) -> tuple[str, ...]:
    """Return that there are no data, where nothing was counted."""
    return ("there are no data: nothing is observed in any channel",) if no_data(likelihood.observation) else ()


def _pretended(likelihood: JointLikelihood, request: Request) -> Pretended:
    """Return what is analysed: what is asked for, unless the method must not look at data.

    Raises
    ------
    HzdslError
        ``options`` where such a method is wanted of toys, or after a fit to the data.
    """
    study = request.study
    instead = study.instead(likelihood) if isinstance(study, Limit) else None
    if instead is None:
        return named(likelihood, request.pretended)
    if request.pretended.toys > 0 or request.pretended.fitted:
        what = "what is blind does not look at data, and so depends neither on toys nor on a fit to the data"
        raise HzdslError("options", what, fix="leave the one or the other out")
    return instead


def _given(subject: Subject, request: Request) -> Subject:
    """Return what is worked on: given Asimov data where these are wanted."""
    if subject.pretended.toys != ASIMOV or isinstance(request.study, Generate):
        return subject
    return replace(subject, likelihood=asimov(subject.likelihood, subject.pretended))


def _frozen(subject: Subject, request: Request) -> Subject:
    """Return what is worked on with what is frozen after a fit, where that is wanted."""
    if not request.adjustments.fit_first:
        return subject
    subject.progress(0, 1, "fit before parameters are frozen")
    return replace(subject, likelihood=frozen_after_fit(subject.likelihood, request.adjustments))


def _frozen_bins(before: JointLikelihood, after: JointLikelihood) -> tuple[str, ...]:
    """Return what is said of bins whose statistics of simulation is profiled, and is frozen: they have no parameter."""
    many, left = (sum(int(flags.sum()) for flags in one.profiled.values()) for one in (before, after))
    if many == left:
        return ()
    return (f"statistics of simulation is frozen in {counted(many - left, 'bin')}{f' of {many}' if left else ''}",)


def _done(request: Request, subject: Subject) -> Outcome | HzdslError:
    """Return what a method finds, or the error with which it ends."""
    try:
        if subject.pretended.toys > 0 and not isinstance(request.study, Generate):
            return over_toys(request.study, subject)
        return request.study.run(subject)
    except HzdslError as error:
        return error


def _acting(likelihood: JointLikelihood, request: Request, found: Opened) -> tuple[JointLikelihood, tuple[str, ...]]:
    """Return the likelihood with parameters of interest that change nothing fixed, and what is said of that.

    Raises
    ------
    HzdslError
        ``parameter`` where the method asks about one of them.
    """
    if request.study.signal and not likelihood.parameters.interest:
        fix = f"name one with --poi: {', '.join(likelihood.parameters.names[:8])}"
        raise HzdslError("parameter", f"the model of {found.name} has no parameter of interest", fix=fix)
    lost = without_effect(likelihood, [n for n in likelihood.parameters.interest if not likelihood.parameters[n].fixed])
    if not lost:
        return likelihood, ()
    what = f"{' and '.join(lost)} {'has' if len(lost) == 1 else 'have'} no effect on what is expected"
    if request.study.signal:
        fix = "check that a process of the card is signal (its number is 0 or less), or name another one with --poi"
        raise HzdslError("parameter", f"{what} in {found.name}", fix=fix)
    held = {name: {"fixed": True} for name in lost}
    verb = "stays" if len(lost) == 1 else "stay"
    at = ", ".join(f"{likelihood.parameters[n].value:g}" for n in lost)
    return likelihood.with_parameters(likelihood.parameters.changed(held)), (f"{what}, and {verb} at {at}",)


def _failed(outcome: Outcome, likelihood: JointLikelihood) -> HzdslError:
    said = "; ".join(outcome.problems)
    bound = likelihood.parameters[outcome.at_bounds[0]] if outcome.at_bounds else None
    fix = (
        outcome.fix
        or "start elsewhere (--set NAME=VALUE), or leave alone what the data do not determine (--freeze NAME)"
    )
    if bound is not None and no_data(likelihood.observation):
        fix = "without data there is an upper limit alone: hzdsl limit"
    elif bound is not None:
        fix = f"let {bound.name} go beyond [{bound.low:g}, {bound.high:g}]: --range {bound.name}=LOW,HIGH"
    return HzdslError("fit", f"the result cannot be used as it is: {said}", fix=fix)


def _headline(found: Opened, likelihood: JointLikelihood) -> str:
    """Return in words what the model is."""
    parameters = likelihood.parameters
    free = int(parameters.free.sum())
    channels = counted(len(likelihood.observation.channels), "channel")
    interest = f", of interest: {', '.join(parameters.interest)}" if parameters.interest else ""
    chosen = [parameters[k].name for k in parameters.indices if not parameters[k].fixed]
    indices = f", functions chosen by {' and '.join(chosen)}" if chosen else ""
    return f"{found.kind}, {channels}, {counted(free, 'free parameter')}{indices}{interest}"


def _progress(move: Move | None, prefix: str = "") -> Progress:
    if move is None:
        return silent

    def told(done: int, total: int, text: str) -> None:
        assert move is not None
        move(done, total, f"{prefix}{text}", f"{done}/{total}" if total > 1 else "")

    return told
