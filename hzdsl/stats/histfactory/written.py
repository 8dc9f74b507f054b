"""The parameters of a model as the sets of a HistFactory document: which kind each is, and what a measurement says.

Everything is said of every set, so that nothing depends on how its numbers were made: the widths of a staterror and the
factors of a shapesys are those of the model to the last digit, whatever errors stand beside the contents.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.records import dataclass
from hzdsl.stats.histfactory.unsaid import not_said
from hzdsl.stats.parameters import Counted, Normal, Parameter, Vector, center_of
from hzdsl.stats.templates.model import Channel, Gammas, Process, TemplateModel

_NUMBERED = re.compile(r"(.*)\[(\d+)\]")


@dataclass(frozen=True, eq=False)
class _Use:
    """Where parameters of bins are used, and at which number of the set they begin there."""

    channel: Channel
    process: Process
    start: int


class WrittenSets:
    """The sets that were met while the samples of a model are written."""

    def __init__(self, model: TemplateModel) -> None:
        self._model = model
        self._kinds: dict[str, str] = {}
        self._sets: dict[str, list[Parameter]] = {}
        self._numbers: dict[str, list[int]] = {}
        for p in model.parameters:
            numbered = _NUMBERED.fullmatch(p.name)
            name, number = (numbered[1], int(numbered[2])) if numbered else (p.name, -1)
            self._sets.setdefault(name, []).append(p)
            self._numbers.setdefault(name, []).append(number)
        self._uses: dict[str, list[_Use]] = {}
        self._find_uses()

    # ---- modifiers ----

    def variation(self, name: str, kind: str) -> None:
        """Note a parameter of normsys or histosys."""
        constraint = self._single(name).constraint
        if not isinstance(constraint, Normal) or constraint.sigma != 1 or constraint.sigma_low not in (None, 1):
            raise not_said(f"that '{name}', which varies samples, is not constrained by a normal law of width 1")
        self._note(name, kind)

    def factor(self, name: str) -> dict[str, Any]:
        """Return the modifier of a parameter that multiplies a sample."""
        constraint = self._single(name).constraint
        kind = "normfactor"
        if constraint is not None:
            if name != "lumi" or not isinstance(constraint, Normal) or constraint.sigma_low is not None:
                fix = "only one that is called 'lumi' may be, by a normal law"
                raise not_said(f"that '{name}', which multiplies samples, is constrained", fix)
            kind = "lumi"
        self._note(name, kind)
        return {"name": name, "type": kind, "data": None}

    def of_bins(self, gammas: Gammas, channel: Channel, process: Process) -> dict[str, Any]:
        """Return the modifier of parameters of single bins."""
        name = self._set_name(gammas, channel)
        members = self._sets[name]
        laws = {type(p.constraint) for p in members}
        if len(laws) > 1 or any(isinstance(p.constraint, Normal) and p.constraint.sigma_low for p in members):
            raise not_said(f"that the bins of '{name}' are constrained by different laws")
        kind = {Counted: "shapesys", Normal: "staterror"}.get(laws.pop(), "shapefactor")
        self._note(name, kind)
        uses = self._uses[name]
        if kind == "shapesys" and len(uses) > 1:
            raise not_said(f"that '{name}', with Poisson laws, changes more than one sample")
        if kind == "staterror":
            self._check_shared(name, uses)
        elif any(u.start for u in uses) or len(members) > len(gammas.parameters):
            raise not_said(f"which parameters of '{name}' are of the bins of {channel.name}")
        if kind == "shapefactor":
            return {"name": name, "type": kind, "data": None}
        return {"name": name, "type": kind, "data": self._errors(name, kind, channel, process).tolist()}

    # ---- the measurement ----

    def interest(self) -> str:
        """Return the name of the parameter of interest, empty where there is none."""
        found = self._model.parameters.interest
        if len(found) > 1:
            raise not_said(f"that there are {len(found)} parameters of interest: {', '.join(found)}")
        return found[0].removesuffix("[0]") if found else ""

    def settings(self) -> list[dict[str, Any]]:
        """Return what a measurement says of all sets."""
        for name, members in self._sets.items():
            if name not in self._kinds:
                raise not_said(f"the parameter '{members[0].name}', which changes nothing")
        return [self._said(name, self._kinds[name]) for name in self._sets]

    def _said(self, name: str, kind: str) -> dict[str, Any]:
        members = self._sets[name]
        for p in members:
            if not (math.isfinite(p.low) and math.isfinite(p.high)):
                raise not_said(f"that '{p.name}' has no bounds", "give it some")
        said: dict[str, Any] = {
            "name": name,
            "inits": [p.value for p in members],
            "bounds": [[p.low, p.high] for p in members],
        }
        constraints = [p.constraint for p in members if p.constraint is not None]
        if constraints:
            said["auxdata"] = [center_of(c) for c in constraints]
        if kind in ("lumi", "staterror"):
            said["sigmas"] = [c.sigma for c in constraints if isinstance(c, Normal)]
        if kind == "shapesys":
            said["factors"] = [c.scale for c in constraints if isinstance(c, Counted)]
        fixed = {p.fixed for p in members}
        if len(fixed) == 1:
            said["fixed"] = fixed.pop()
        elif kind == "shapefactor":
            raise not_said(f"that some bins of '{name}' are fixed, and others not")
        return said

    # ---- sets ----

    def _single(self, name: str) -> Parameter:
        if _NUMBERED.fullmatch(name):
            raise not_said(f"that '{name}', which is called like a parameter of a bin, changes whole samples")
        return self._model.parameters[name]

    def _note(self, name: str, kind: str) -> None:
        known = self._kinds.setdefault(name, kind)
        if known != kind and {known, kind} != {"normsys", "histosys"}:
            raise not_said(f"that '{name}' is both a {known} and a {kind}")

    def _find_uses(self) -> None:
        for channel in self._model.channels:
            for process in channel.processes:
                for gammas in process.gammas:
                    name = self._set_name(gammas, channel)
                    start = self._numbers[name].index(int(_NUMBERED.fullmatch(str(gammas.parameters[0]))[2]))  # type: ignore[index]
                    self._uses.setdefault(name, []).append(_Use(channel, process, start))

    def _set_name(self, gammas: Gammas, channel: Channel) -> str:
        """Return the name of the set whose parameters, in order, are those of the bins."""
        found = [_NUMBERED.fullmatch(p or "") for p in gammas.parameters]
        names = {m[1] for m in found if m}
        if None in found or len(names) != 1:
            odd = next(p for p, m in zip(gammas.parameters, found, strict=True) if not m or m[1] not in names)
            what = f"that '{odd}' is of a bin" if odd else "that not all bins have a parameter where one has"
            raise not_said(
                f"{what}, in {channel.name}", "parameters of bins are called name[0], name[1], …, one for each"
            )
        name = names.pop()
        numbers = [int(m[2]) for m in found if m]
        if numbers != [*range(numbers[0], numbers[0] + len(numbers))]:
            raise not_said(f"that the parameters of '{name}' are not in the order of the bins of {channel.name}")
        if self._numbers[name] != [*range(len(self._numbers[name]))]:
            raise not_said(f"that the parameters of '{name}' are not numbered from 0")
        return name

    def _check_shared(self, name: str, uses: list[_Use]) -> None:
        """A staterror of several channels goes on from one to the next, by name, and is of the same samples in each."""
        by_channel: dict[str, list[_Use]] = {}
        for u in sorted(uses, key=lambda u: u.channel.name):
            by_channel.setdefault(u.channel.name, []).append(u)
        samples = [sorted(u.process.name for u in found) for found in by_channel.values()]
        if any(s != samples[0] for s in samples):
            raise not_said(f"that '{name}' is shared by {' and '.join(by_channel)}, for different samples")
        start = 0
        for found in by_channel.values():
            if any(u.start != start for u in found):
                raise not_said(f"the order in which '{name}' is shared by {' and '.join(by_channel)}")
            start += len(found[0].channel.counts)

    # ---- errors ----

    def _errors(self, name: str, kind: str, channel: Channel, process: Process) -> Vector:
        """Return errors that are 0 in the bins that are fixed, and in no other, where only some are."""
        start = next(u.start for u in self._uses[name] if u.channel is channel)
        members = self._sets[name][start : start + len(channel.counts)]
        contents = process.rate * process.contents
        sharing = [contents] if kind == "shapesys" else self._contents(name, channel)
        free = np.array([not p.fixed for p in members])
        if {p.fixed for p in self._sets[name]} == {True, False} and (free & (np.sum(sharing, axis=0) <= 0)).any():
            raise not_said(f"that a bin of '{name}' without contents is not fixed, where others are")
        errors = np.where(contents > 0, contents * [_relative(p) for p in members], 0.0)
        if process.errors is not None and kind == "staterror" and (free == self._natural(name, channel)).all():
            errors = process.rate * process.errors
        return errors if free.all() or not free.any() else np.where(free, errors, 0.0)

    def _contents(self, name: str, channel: Channel) -> list[Vector]:
        return [u.process.rate * u.process.contents for u in self._uses[name] if u.channel is channel]

    def _natural(self, name: str, channel: Channel) -> npt.NDArray[np.bool_]:
        """Return which bins have an error and contents, by the errors that processes have."""
        total: Vector = np.sum(self._contents(name, channel), axis=0)
        having = [u.process.errors for u in self._uses[name] if u.channel is channel]
        known = [np.zeros(len(total)) if e is None else e for e in having]
        errors: Vector = np.sum(known, axis=0)
        return (total > 0) & (errors > 0)


def _relative(p: Parameter) -> float:
    if isinstance(p.constraint, Counted):
        return 1 / math.sqrt(p.constraint.scale)
    return p.constraint.sigma if p.constraint is not None else 0.0
