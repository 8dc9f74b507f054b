"""A channel as a `histfactory_dist`, and the names that a model has in a document."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.stats.histfactory.writing import whole_contents
from hzdsl.stats.hs3.interpolations import NORM_CODES
from hzdsl.stats.parameters import Counted, Normal, Parameter, Vector
from hzdsl.stats.templates.model import Channel, Gammas, Norm, Process, Shape, TemplateModel

_NUMBERED = re.compile(r"(.*)\[(\d+)\]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def not_said(what: str, fix: str = "take it out of the model that is written") -> HzdslError:
    """Return the error of what ROOT does not read from any HS3 document."""
    return HzdslError("unsupported", f"no HS3 document that ROOT reads can say {what}", fix=fix)


class Names:
    """Names as ROOT has them; `whole` are the parameters of whole samples, whose constraints stand by themselves."""

    def __init__(self, model: TemplateModel) -> None:
        self.parameters = model.parameters
        processes = [p for c in model.channels for p in c.processes]
        self.whole = {name for p in processes for name in _whole_samples(p)}
        self._bins = {x for p in processes for g in p.gammas for x in g.parameters}
        both = self.whole & self._bins
        if both:
            raise not_said(f"that '{min(map(str, both))}' changes whole samples and single bins")
        unused = next((p.name for p in model.parameters if p.name not in self.whole | self._bins), None)
        if unused is not None:
            raise not_said(f"the parameter '{unused}', which changes nothing")
        written = [self.of(p.name) for p in model.parameters]
        twice = next((x for x in written if written.count(x) > 1), None)
        if twice is not None:
            raise HzdslError("name-twice", f"two parameters would be called '{twice}' in a document", fix="rename one")

    def of(self, name: str) -> str:
        """Return the name in a document."""
        numbered = _NUMBERED.fullmatch(name)
        found = f"{numbered[1]}_bin_{numbered[2]}" if numbered else name
        if not _NAME.fullmatch(found):
            raise not_said(f"the name '{name}'", "names have letters, digits and _, and begin with no digit")
        return found


def _whole_samples(p: Process) -> set[str]:
    return {x.parameter for x in p.norms} | {x.parameter for x in p.shapes} | {x.parameter for x in p.factors}


def written_channel(channel: Channel, names: Names) -> dict[str, Any]:
    """Return the distribution of a channel."""
    name = names.of(channel.name)
    if channel.mask is not None:
        raise not_said(f"the mask of {channel.name}")
    if channel.profiled is not None and channel.profiled.any():
        raise not_said(f"the profiled statistical errors of {channel.name}")
    if channel.floor is not None:
        raise not_said(f"the floor of {channel.floor:g} of {channel.name}")
    edges = np.arange(len(channel.counts) + 1.0) if channel.edges is None else channel.edges
    writer = _ChannelWriter(channel, names)
    found = {
        "name": f"model_{name}",
        "type": "histfactory_dist",
        "axes": [{"name": f"obs_x_{name}", "edges": edges.tolist()}],
        "samples": [writer.sample(p) for p in channel.processes],
    }
    return found | writer.staterror()


class _ChannelWriter:
    """One channel; the gammas that several samples share, or that have normal laws, are its staterror."""

    def __init__(self, channel: Channel, names: Names) -> None:
        self._channel, self._names = channel, names
        self._shared = self._statistical()

    def staterror(self) -> dict[str, Any]:
        """Return what the channel says of its staterror: ROOT reads the law there, and leaves least errors alone."""
        if self._shared is None:
            return {}
        widths = [_width(p) for p in self._members(self._shared) if _width(p) > 0]
        least = min(widths, default=1.0) / 2
        return {"staterror": {"constraint_type": self._law(self._shared), "relThreshold": least}}

    def sample(self, process: Process) -> dict[str, Any]:
        """Return a sample."""
        where = f"of {process.name} in {self._channel.name}"
        _check(process, where)
        contents = process.rate * process.contents
        data = {"contents": contents.tolist()}
        if self._has_shared(process):
            data["errors"] = self._errors(process).tolist()
        modifiers = [self._factor(x.parameter) for x in process.factors]
        modifiers += [self._norm(x, where) for x in process.norms]
        modifiers += [self._shape(x, process, where) for x in process.shapes]
        modifiers += [self._of_bins(x) for x in process.gammas]
        return {"name": self._names.of(process.name), "data": data, "modifiers": modifiers}

    # ---- whole samples ----

    def _factor(self, parameter: str) -> dict[str, Any]:
        name = self._names.of(parameter)
        constrained = self._names.parameters[parameter].constraint is not None
        return {"name": name, "type": "normfactor", "parameter": name, **_constrained(name, constrained)}

    def _variation(self, parameter: str, kind: str, where: str) -> dict[str, Any]:
        p = self._names.parameters[parameter]
        if not isinstance(p.constraint, Normal) or p.constraint.sigma_low is not None:
            raise not_said(f"that '{parameter}', which varies samples, has no normal law, {where}")
        name = self._names.of(parameter)
        return {"name": name.removeprefix("alpha_"), "type": kind, "parameter": name, **_constrained(name, True)}

    def _norm(self, norm: Norm, where: str) -> dict[str, Any]:
        exponential = norm.rule == "combine" and norm.up * norm.down == 1
        rule = "code1" if exponential else norm.rule
        if rule not in NORM_CODES:
            raise not_said(f"the interpolation '{norm.rule}' of the normalisation by '{norm.parameter}' {where}")
        said = self._variation(norm.parameter, "normsys", where)
        return {**said, "interpolation": NORM_CODES[rule], "data": {"lo": norm.down, "hi": norm.up}}

    def _shape(self, shape: Shape, process: Process, where: str) -> dict[str, Any]:
        same = shape.rule == "code4p" or (shape.rule == "combine" and shape.joined == 1)
        if not same or shape.scale != 1 or shape.log:
            raise not_said(f"the interpolation '{shape.rule}' of the shape by '{shape.parameter}' {where}")
        low, high = whole_contents(process, shape)
        data = {"lo": {"contents": low.tolist()}, "hi": {"contents": high.tolist()}}
        return {**self._variation(shape.parameter, "histosys", where), "data": data}

    # ---- single bins ----

    def _of_bins(self, gammas: Gammas) -> dict[str, Any]:
        members = self._members(gammas)
        parameters = [self._names.of(p.name) for p in members]
        if gammas.parameters == self._shared_names():
            law = self._law(gammas)
            return {"name": "staterror", "type": "staterror", "parameters": parameters, "constraint_type": law}
        name = parameters[0].removesuffix("_bin_0").removeprefix("gamma_")
        if all(p.constraint is None for p in members):
            return {"name": name, "type": "shapefactor", "parameters": parameters}
        data = {"vals": [_width(p) for p in members]}
        law = self._law(gammas)
        return {"name": name, "type": "shapesys", "parameters": parameters, "constraint_type": law, "data": data}

    def _members(self, gammas: Gammas) -> list[Parameter]:
        if None in gammas.parameters:
            raise not_said(f"that not all bins have a parameter where one has, in {self._channel.name}")
        return [self._names.parameters[str(x)] for x in gammas.parameters]

    def _law(self, gammas: Gammas) -> str:
        members = self._members(gammas)
        laws = {type(p.constraint) for p in members if not p.fixed}
        low = any(isinstance(p.constraint, Normal) and p.constraint.sigma_low is not None for p in members)
        if len(laws) > 1 or low:
            raise not_said(f"the different laws of '{members[0].name}' and other bins of {self._channel.name}")
        return "Poisson" if laws == {Counted} else "Gauss"

    # ---- the statistical error of the channel ----

    def _statistical(self) -> Gammas | None:
        """Return the gammas that are said as staterror: constrained ones of bins that all have contents."""
        users: dict[tuple[str | None, ...], list[Process]] = {}
        for p in self._channel.processes:
            for g in p.gammas:
                users.setdefault(g.parameters, []).append(p)
        for parameters, processes in users.items():
            members = self._members(Gammas(parameters))
            normal = any(isinstance(p.constraint, Normal) for p in members)
            constrained = any(p.constraint is not None for p in members)
            total = np.sum([p.rate * p.contents for p in processes], axis=0)
            if (normal or (constrained and len(processes) > 1)) and (total > 0).all():
                return Gammas(parameters)
        return None

    def _shared_names(self) -> tuple[str | None, ...] | None:
        return self._shared.parameters if self._shared else None

    def _has_shared(self, process: Process) -> bool:
        return any(g.parameters == self._shared_names() for g in process.gammas)

    def _errors(self, process: Process) -> Vector:
        """Return errors of a sample; together with those of the others they are as wide as the parameters say."""
        assert self._shared is not None
        having = [p for p in self._channel.processes if self._has_shared(p)]
        total: Vector = np.sum([p.rate * p.contents for p in having], axis=0)
        widths = np.array([_width(p) for p in self._members(self._shared)])
        if all(p.errors is not None for p in having):
            squares = np.sum([np.square(p.rate * p.errors) for p in having if p.errors is not None], axis=0)
            if process.errors is not None and np.allclose(np.sqrt(squares), widths * total, rtol=1e-13, atol=0):
                return process.rate * process.errors
        shared: Vector = widths * total / len(having) ** 0.5
        return shared


def _width(p: Parameter) -> float:
    """Return the relative error of a bin, 0 where its parameter is fixed: then its law is a constant."""
    if p.fixed or p.constraint is None:
        return 0.0
    return p.constraint.sigma if isinstance(p.constraint, Normal) else p.constraint.scale**-0.5


def _constrained(name: str, so: bool) -> dict[str, Any]:
    return {"constraint_name": f"{name}Constraint"} if so else {}


def _check(process: Process, where: str) -> None:
    lacking = {
        f"the expression that scales the rate {where}": process.scale is not None,
        f"the floor of {process.floor} {where}": process.floor not in (None, 0),
        f"the normalised shape {where}": process.normalized and bool(process.shapes),
        f"what is added to single bins {where}": process.added is not None,
    }
    for what, so in lacking.items():
        if so:
            raise not_said(what)
