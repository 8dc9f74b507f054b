"""A `histfactory_dist` as a channel of templates.

Beyond what HistFactory's own documents say, modifiers name their parameters, their interpolation and their constraints,
and what the errors of single bins are relative to is another matter (`Errors`). What a document leaves out means here
what it means to ROOT 6.40. Contents that variations make negative are 0, as ROOT has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from hzdsl.errors import did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.documents import Value
from hzdsl.stats.histfactory.lowering import process_of
from hzdsl.stats.histfactory.records import Kind, Modifier, Rules, Sample
from hzdsl.stats.hs3.decoding import bins_of
from hzdsl.stats.hs3.interpolations import norm_rule, shape_rule
from hzdsl.stats.hs3.met import Met
from hzdsl.stats.hs3.records import Binned, HistFactory
from hzdsl.stats.parameters import Constraint, Counted, Normal, Vector
from hzdsl.stats.templates.model import Channel, Process, factors_fit

#: What the numbers of a shapesys are: relative to the contents (as ROOT writes), or not (as in HistFactory's JSON).
Errors = Literal["relative", "absolute"]
Law = Literal["Gauss", "Poisson", "Const"]
_KINDS: tuple[Kind, ...] = ("normfactor", "normsys", "histosys", "shapefactor", "shapesys", "staterror")
_LAWS: tuple[Law, ...] = ("Gauss", "Poisson", "Const")
_SAID = ("name", "constraint", "constraint_name", "constraint_type", "constraints", "interpolation")


def channel_of(found: HistFactory, data: Binned, met: Met, errors: Errors | None) -> Channel:
    """Return the channel of a distribution and its data; its parameters are added to `met`."""
    reader = _ChannelReader(found, met, errors)
    if len(data.contents) != reader.bins:
        what = f"has {reader.bins} bins, and its data '{data.name}' {len(data.contents)}"
        raise found.at.error("spec-value", what, "give both the same axes")
    edges = found.axes[0].edges if len(found.axes) == 1 else None
    label = ", ".join(axis.name for axis in found.axes)
    return Channel(reader.name, tuple(reader.processes()), data.contents, edges, label)


@dataclass(frozen=True, eq=False)
class _Raw:
    """A sample whose modifiers are not read yet."""

    name: str
    contents: Vector
    errors: Vector | None
    modifiers: tuple[Value, ...]
    at: Value

    def having(self, kind: str) -> tuple[Value, ...]:
        return tuple(m for m in self.modifiers if m.word("type") == kind)


class _ChannelReader:
    def __init__(self, found: HistFactory, met: Met, errors: Errors | None) -> None:
        self.name = found.name.removeprefix("model_")
        self.bins = bins_of(found.axes, found.at)
        self._at, self._met, self._relative = found.at, met, errors
        self._default = found.at.get("default_interpolation")
        self._samples = [self._raw(v) for v in found.at.named("samples").values()]
        if not self._samples:
            raise found.at["samples"].error("spec-value", "is empty", "give the channel a sample, or leave it out")

    def processes(self) -> Iterator[Process]:
        """Yield the processes, in their order."""
        for raw in self._samples:
            bins: dict[tuple[str, str], tuple[str, ...]] = {}
            modifiers = tuple(self._modifier(value, raw, bins) for value in raw.modifiers)
            _check_together(raw, modifiers)
            sample = Sample(raw.name, raw.contents, modifiers, raw.at)
            process = process_of(sample, lambda m, bins=bins: bins[m.kind, m.name], Rules())  # type: ignore[misc]
            yield replace(process, floor=0.0) if process.shapes else process

    # ---- samples ----

    def _raw(self, value: Value) -> _Raw:
        value.check(("name", "data"), ("modifiers",))
        data = value["data"].check(("contents",), ("errors",))
        errors = data.get("errors")
        contents = data["contents"].numbers(self.bins, "bin")
        found = None if errors is None else errors.numbers(self.bins, "bin")
        return _Raw(value.word("name"), contents, found, value.each("modifiers"), value)

    def _modifier(self, value: Value, raw: _Raw, bins: dict[tuple[str, str], tuple[str, ...]]) -> Modifier:
        kind = value.word("type")
        if kind not in _KINDS:
            fix = did_you_mean(kind, _KINDS) or f"known types: {', '.join(_KINDS)}"
            raise value["type"].error("unsupported", f"is '{kind}', a modifier that is not read", fix=fix)
        if kind in ("normfactor", "normsys", "histosys"):
            return self._scalar(value, kind)
        value.check(("type",), (*_SAID, "parameters", "data"))
        names = self._names(value, kind)
        if kind == "staterror":
            self._staterror(value, names)
            found = Modifier(kind, kind, value, errors=raw.errors)
        else:
            self._shape(value, kind, names, raw)
            found = Modifier(value.word("name"), kind, value)
        bins[found.kind, found.name] = names
        return found

    # ---- modifiers of whole samples ----

    def _scalar(self, value: Value, kind: Kind) -> Modifier:
        value.check(("type",), (*_SAID, "parameter", "data"))
        given = value.get("parameter")
        name = given.text if given is not None else f"{'alpha_' * (kind != 'normfactor')}{value.word('name')}"
        self._met.scalar(name, kind, self._constraint(value, kind, name), value)
        if kind == "normfactor":
            return Modifier(name, kind, value)
        data = value["data"].check(("lo", "hi"))
        if kind == "normsys":
            low, high = (np.array([data[k].number]) for k in ("lo", "hi"))
            rule = norm_rule(value, self._default)
            if not factors_fit(rule, low[0], high[0]):
                what = "holds a factor that is not more than 0, and logarithms interpolate it"
                raise data.error("spec-value", what, "give factors above 0")
            return Modifier(name, kind, value, low, high, norm_rule=rule)
        low, high = (
            data[k].check(("contents",), ("errors",))["contents"].numbers(self.bins, "bin") for k in ("lo", "hi")
        )
        return Modifier(name, kind, value, low, high, shape_rule=shape_rule(value, self._default))

    def _constraint(self, value: Value, kind: Kind, name: str) -> Constraint | None:
        """Return the constraint that is named; a variation without one has a normal law of width 1."""
        settings = self._met.settings
        named = value.get("constraint_name")
        if named is not None:
            return settings.constraint(named.text, name, named)
        law = value.get("constraint_type") or value.get("constraint")
        if law is None and kind == "normfactor":
            return None
        if law is not None and law.text == "Const":
            return None
        if law is not None and law.text != "Gauss":
            return settings.constraint(law.text, name, law)
        return Normal(settings.value(f"nom_{name}", 0.0), 1.0)

    # ---- modifiers of bins ----

    def _names(self, value: Value, kind: str) -> tuple[str, ...]:
        given = value.get("parameters")
        if given is None:
            system = f"stat_{self.name}" if kind == "staterror" else value.word("name")
            return tuple(f"gamma_{system}_bin_{k}" for k in range(self.bins))
        names = given.texts
        if len(names) != self.bins:
            what = f"has {len(names)} names for {self.bins} bins"
            raise given.error("spec-value", what, "give one name for each bin")
        return names

    def _law(self, value: Value, default: str | None) -> Law:
        """Return the law of the gammas: ROOT writes that of a staterror here, and reads it at the channel."""
        said = value.get("constraint_type") or value.get("constraint")
        if said is None and default is None:
            raise value.error("spec-key", "lacks the key 'constraint_type'", fix='it is "Gauss", "Poisson" or "Const"')
        law = default if said is None else said.text
        for known in _LAWS:
            if law == known:
                return known
        raise value.error(
            "spec-value", f"has the constraint '{law}', which is not read", f"there are {', '.join(_LAWS)}"
        )

    def _shape(self, value: Value, kind: Kind, names: tuple[str, ...], raw: _Raw) -> None:
        data = value.get("data")
        if kind == "shapefactor" or data is None or not data.mapping:
            for name in names:
                self._met.of_bin(name, kind, None, False, value)
            return
        errors = data.check(("vals",))["vals"].numbers(self.bins, "bin")
        if (errors < 0).any():
            raise data["vals"].error("spec-value", "holds an error that is less than 0", "an error is 0 or more")
        if self._relative is None and (errors > 0).any():
            fix = 'say which: shapesys="relative", as ROOT writes them, or "absolute"'
            raise data["vals"].error("meaning-differs", "are relative errors to ROOT, absolute ones to others", fix)
        if self._relative == "absolute":
            errors = np.where(raw.contents > 0, errors / np.where(raw.contents > 0, raw.contents, 1.0), 0.0)
        self._gammas(value, kind, names, errors, law=self._law(value, None))

    def _staterror(self, value: Value, names: tuple[str, ...]) -> None:
        """The relative error of the sum of all samples that have the modifier; below a threshold it is left alone."""
        having = [s for s in self._samples if s.having("staterror")]
        lacking = next((s for s in having if s.errors is None), None)
        if lacking is not None:
            what = "has a staterror, and its data lack the key 'errors'"
            raise lacking.at.error("spec-key", what, 'add "errors": […] beside its contents')
        total: Vector = np.sum([s.contents for s in having], axis=0)
        errors: Vector = np.sqrt(np.sum([np.square(s.errors) for s in having if s.errors is not None], axis=0))
        relative = np.where(total > 0, errors / np.where(total > 0, total, 1.0), 0.0)
        said = self._at.get("staterror")
        threshold = said.get("relThreshold") if said is not None else None
        law = said.get("constraint_type") if said is not None else None
        default = "Poisson" if law is None else law.text
        least = 0.0 if threshold is None else threshold.number
        self._gammas(value, "staterror", names, relative, law=self._law(value, default), least=least)

    def _gammas(
        self, value: Value, kind: Kind, names: tuple[str, ...], relative: Vector, *, law: Law, least: float = 0.0
    ) -> None:
        settings = self._met.settings
        for name, error in zip(names, map(float, relative), strict=True):
            constraint: Constraint | None = None
            if error > 0 and law == "Gauss":
                constraint = Normal(settings.value(f"nom_{name}", 1.0), error)
            elif error > 0 and law == "Poisson":
                constraint = Counted(settings.value(f"nom_{name}", error**-2), error**-2)
            self._met.of_bin(name, kind, constraint, law == "Const" or error <= least, value)


def _check_together(raw: _Raw, modifiers: tuple[Modifier, ...]) -> None:
    """Refuse a modifier that is there twice, and linear normsys beside others: ROOT adds these."""
    seen: set[tuple[str, str]] = set()
    for m in modifiers:
        if (m.kind, m.name) in seen:
            raise m.at.error("name-twice", f"({m.kind}) changes this sample twice", "leave one out, or rename it")
        seen.add((m.kind, m.name))
    norms = [m for m in modifiers if m.kind == "normsys"]
    if len(norms) > 1 and any(m.norm_rule == "code0" for m in norms):
        what = "has several normsys, of which one is linear: ROOT adds these"
        raise raw.at.error("unsupported", what, "give all of them the code 1 or 4")
