"""Which parameters the modifiers of a document need, in pyhf's order and with pyhf's names, and what constrains them.

Each name is one *set*: one parameter, or one for each bin, called ``name[0]``, ``name[1]``, … (a set of bins has its
numbers even where it has one bin). What the modifiers suggest, the chosen measurement may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.histfactory.records import KINDS, MEANINGS, Measurement, Modifier, Region, Sample, Settings
from hzdsl.stats.parameters import Constraint, Counted, Normal, Parameter, Vector

Law = Literal["free", "normal", "poisson"]
_Use = tuple[Region, Sample, Modifier]


@dataclass(frozen=True, eq=False)
class ParameterSet:
    """The parameters of one name; arrays have one number for each of them.

    `auxdata` are what was measured of them, `sigmas` the widths of normal laws, `factors` what multiplies the
    parameters to give the means of Poisson laws.
    """

    name: str
    kind: str
    first: Modifier
    scalar: bool
    law: Law
    inits: Vector
    bounds: tuple[tuple[float, float], ...]
    fixed: tuple[bool, ...]
    auxdata: Vector | None = None
    sigmas: Vector | None = None
    factors: Vector | None = None

    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters, as pyhf has them."""
        return (self.name,) if self.scalar else tuple(f"{self.name}[{k}]" for k in range(len(self.inits)))

    def parameters(self, interest: str) -> Iterator[Parameter]:
        """Yield the parameters; `interest` names the set that is asked for."""
        for k, name in enumerate(self.names()):
            yield Parameter(
                name,
                float(self.inits[k]),
                *self.bounds[k],
                constraint=self._constraint(k),
                fixed=self.fixed[k],
                interest=self.name == interest,
                doc=f"{MEANINGS[self.kind]} ({self.kind})",
            )

    def _constraint(self, k: int) -> Constraint | None:
        if self.auxdata is None:
            return None
        if self.factors is not None:
            return Counted(float(self.auxdata[k]), float(self.factors[k]))
        return Normal(float(self.auxdata[k]), 1.0 if self.sigmas is None else float(self.sigmas[k]))


def parameter_sets(regions: Sequence[Region], measurement: Measurement) -> dict[str, ParameterSet]:
    """Return the sets of parameters that the modifiers need, by their names and in pyhf's order.

    Raises
    ------
    HzdslError
        ``name-twice`` where one name is meant to be different things; ``spec-key`` and ``spec-value`` where the
        measurement lacks something, or has too much of it.
    """
    uses = _uses(regions)
    found: dict[str, ParameterSet] = {}
    for kind in KINDS:
        names = dict.fromkeys(m.name for _, _, m in uses if m.kind == kind)
        for name in sorted(names) if kind == "staterror" else names:
            needed = _needed([u for u in uses if u[2].kind == kind and u[2].name == name], measurement)
            known = found.setdefault(name, needed)
            if {kind, known.kind} - {"histosys", "normsys"} and known is not needed:
                what = f"({kind}) has the parameters of the {known.kind} of the same name, which mean something else"
                raise needed.first.at.error("name-twice", what, fix="call one otherwise")
    return {name: _changed(s, measurement.settings.get(name)) for name, s in found.items()}


def _uses(regions: Sequence[Region]) -> list[_Use]:
    """Return every modifier with its sample and channel, in pyhf's order: sorted by the names of all three."""
    uses = [(r, s, m) for r in regions for s in r.samples for m in s.modifiers]
    return sorted(uses, key=lambda u: (u[0].name, u[1].name, u[2].name))


# ---- what modifiers need ----


def _needed(uses: Sequence[_Use], measurement: Measurement) -> ParameterSet:
    first = uses[0][2]
    if first.kind in ("normsys", "histosys"):
        return _single(first, "normal", 0.0, (-5.0, 5.0), auxdata=np.zeros(1))
    if first.kind == "normfactor":
        return _single(first, "free", 1.0, (0.0, 10.0))
    if first.kind == "lumi":
        return _luminosity(first, measurement)
    if first.kind == "shapefactor":
        return _shapefactor(uses)
    return _shapesys(uses) if first.kind == "shapesys" else _staterror(uses)


def _single(
    first: Modifier, law: Law, init: float, bounds: tuple[float, float], auxdata: Vector | None = None
) -> ParameterSet:
    return ParameterSet(first.name, first.kind, first, True, law, np.array([init]), (bounds,), (False,), auxdata)


def _luminosity(first: Modifier, measurement: Measurement) -> ParameterSet:
    """A luminosity has no defaults: a measurement has to say all of it."""
    said = measurement.settings.get("lumi")
    lacking = [k for k in ("inits", "bounds", "auxdata", "sigmas") if said is None or getattr(said, k) is None]
    if lacking:
        fix = 'for example {"name": "lumi", "inits": [1], "bounds": [[0, 10]], "auxdata": [1], "sigmas": [0.02]}'
        what = f"has to say the {', '.join(lacking)} of 'lumi', which changes samples"
        raise measurement.at.error("spec-key", what, fix=fix)
    single = _single(first, "normal", 1.0, (0.0, 10.0), auxdata=np.ones(1))
    return replace(single, sigmas=np.ones(1))


def _shapefactor(uses: Sequence[_Use]) -> ParameterSet:
    sizes = [len(s.contents) for _, s, _ in uses]
    if max(sizes) > sizes[0]:
        region, _, modifier = uses[int(np.argmax(sizes))]
        what = f"changes {max(sizes)} bins of {region.name}, and {sizes[0]} of {uses[0][0].name}, the first in its name"
        raise modifier.at.error("spec-value", what, fix="channels that share it have as many bins")
    return _of_bins(uses[0][2], "free", sizes[0], (0.0, 10.0), (False,) * sizes[0])


def _shapesys(uses: Sequence[_Use]) -> ParameterSet:
    """Poisson laws of (contents / errors)² events; a bin without contents or error stays as it is."""
    if len(uses) > 1:
        what = f"(shapesys) is there in {uses[0][0].name}, too; its parameters are those of one sample of one channel"
        raise uses[1][2].at.error("name-twice", what, fix="call it otherwise in each")
    _, sample, modifier = uses[0]
    errors = _errors(modifier)
    valid = (sample.contents > 0) & (errors > 0)
    events = np.where(valid, sample.contents**2 / np.where(valid, errors, 1.0) ** 2, 1.0)
    fixed = tuple(bool(x) for x in ~valid)
    found = _of_bins(modifier, "poisson", len(errors), (1e-10, 10.0), fixed)
    return replace(found, auxdata=events, factors=events)


def _staterror(uses: Sequence[_Use]) -> ParameterSet:
    """Normal laws around 1, of the relative error of the sum of all samples that have the modifier."""
    by_region: dict[str, list[_Use]] = {}
    for use in uses:
        by_region.setdefault(use[0].name, []).append(use)
    having = [sorted(s.name for _, s, _ in found) for found in by_region.values()]
    if any(names != having[0] for names in having):
        what = f"(staterror) is shared by {' and '.join(by_region)}, where other samples have it"
        raise uses[-1][2].at.error("spec-value", what, fix="give the staterror of each channel its own name")
    sigmas = np.concatenate([_relative(found) for found in by_region.values()])
    fixed = tuple(bool(x) for x in sigmas == 0)
    found = _of_bins(uses[0][2], "normal", len(sigmas), (1e-10, 10.0), fixed)
    return replace(found, auxdata=np.ones(len(sigmas)), sigmas=np.where(sigmas == 0, 1.0, sigmas))


def _relative(uses: Sequence[_Use]) -> Vector:
    """Return the quadratic sum of errors by the sum of contents, for each bin of one channel."""
    total: Vector = np.sum([s.contents for _, s, _ in uses], axis=0)
    errors: Vector = np.sqrt(np.sum([_errors(m) ** 2 for _, _, m in uses], axis=0))
    return np.where(total > 0, errors / np.where(total > 0, total, 1.0), 0.0)


def _errors(modifier: Modifier) -> Vector:
    assert modifier.errors is not None, modifier.kind
    return modifier.errors


def _of_bins(
    first: Modifier, law: Law, bins: int, bounds: tuple[float, float], fixed: tuple[bool, ...]
) -> ParameterSet:
    return ParameterSet(first.name, first.kind, first, False, law, np.ones(bins), (bounds,) * bins, fixed)


# ---- what a measurement changes ----


def _changed(found: ParameterSet, said: Settings | None) -> ParameterSet:
    if said is None:
        return found
    count = len(found.inits)
    changes: dict[str, object] = {}
    for key in ("inits", "bounds", "auxdata", "factors", "sigmas"):
        value = getattr(said, key)
        if value is None:
            continue
        if getattr(found, key) is None:
            raise said.at[key].error("spec-value", f"has no meaning for a {found.kind}", "leave it out")
        if len(value) != count:
            what = f"has {len(value)} values for {count} parameter{'s' * (count > 1)}"
            raise said.at[key].error("spec-value", what, "give one for each of its parameters")
        changes[key] = value
    if said.fixed is not None:
        changes["fixed"] = (said.fixed,) * count
    _check_values(said, changes)
    changed: ParameterSet = replace(found, **changes)  # type: ignore[arg-type]
    for k, (low, high) in enumerate(changed.bounds):
        if not low <= changed.inits[k] <= high:
            what = f"starts at {changed.inits[k]:g}, outside of its bounds {low:g} to {high:g}"
            raise said.at.error("parameter", what, "give it other inits, or other bounds")
    return changed


def _check_values(said: Settings, changes: dict[str, object]) -> None:
    """Refuse widths and factors with which no law is made."""
    for key in ("sigmas", "factors"):
        if key in changes and not (np.asarray(changes[key]) > 0).all():
            raise said.at[key].error("spec-value", "holds a number that is not more than 0", "give numbers above 0")
