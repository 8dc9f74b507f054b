"""From a document to its records: every key, every length and every number is checked.

The schema is that of pyhf, https://scikit-hep.org/pyhf/schemas/1.0.0/defs.json; beyond it names are unique, lists have
the length that they need, numbers are finite, and rates can be those of a Poisson law.
"""

from __future__ import annotations

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.documents import Value, meant
from hzdsl.stats.histfactory.records import KINDS, Measurement, Modifier, Region, Sample, Settings
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import factors_fit

_ARRAYS = ("inits", "bounds", "auxdata", "factors", "sigmas")


def regions_of(document: Value, negative: bool) -> tuple[Region, ...]:
    """Return the channels of a document, with their observations.

    Raises
    ------
    HzdslError
        ``spec-key``, ``spec-value`` and ``name-twice``, with the place.
    """
    document.check(("channels", "measurements", "observations", "version"))
    if document["version"].data != "1.0.0":
        raise document["version"].error("spec-value", "is not 1.0.0, the version that is read", "write it as pyhf does")
    observations = document.named("observations")
    found = tuple(_region(c, observations, negative) for c in document.named("channels").values())
    if not found:
        raise document["channels"].error("spec-value", "is empty", "a model has a channel at least")
    known = [r.name for r in found]
    for name, value in observations.items():
        if name not in known:
            raise value.error("name-unknown", "is of no channel", fix=meant(name, known))
    return found


def measurements_of(document: Value) -> dict[str, Measurement]:
    """Return the measurements of a document by their names."""
    return {name: _measurement(value) for name, value in document.named("measurements").items()}


# ---- channels ----


def _region(value: Value, observations: dict[str, Value], negative: bool) -> Region:
    value.check(("name", "samples"))
    named = value.named("samples")
    if not named:
        raise value["samples"].error("spec-value", "is empty", "give the channel a sample, or leave it out")
    bins = len(next(iter(named.values())).check(("name", "data", "modifiers"))["data"].items)
    samples = tuple(_sample(v, bins, negative) for v in named.values())
    total = np.sum([s.contents for s in samples], axis=0)
    if (total < 0).any():
        k = int(np.argmax(total < 0))
        what = f"expects {total[k]:g} in bin {k}: no Poisson law has such a mean"
        raise value.error("spec-value", what, "merge bins, or leave such samples out")
    name = value.word("name")
    if name not in observations:
        fix = did_you_mean(name, observations) or f'add {{"name": "{name}", "data": […]}} to the observations'
        raise value.error("spec-key", "has no observation", fix=fix)
    return Region(name, samples, _counts(observations[name], bins), value)


def _counts(value: Value, bins: int) -> Vector:
    value.check(("name", "data"))
    counts = value["data"].numbers(bins, "bin")
    _refuse_negative(value["data"], counts, "counts are 0 or more: what was subtracted belongs to a sample")
    return counts


def _sample(value: Value, bins: int, negative: bool) -> Sample:
    value.check(("name", "data", "modifiers"))
    if not bins:
        raise value["data"].error("spec-value", "is empty", "give one number for each bin")
    contents = value["data"].numbers(bins, "bin")
    if not negative:
        _refuse_negative(value["data"], contents, "read it with negative=True where weighted events say so")
    modifiers: dict[tuple[str, str], Modifier] = {}
    for item in value["modifiers"].items:
        m = _modifier(item, bins)
        if modifiers.setdefault((m.kind, m.name), m) is not m:
            raise item.error("name-twice", f"({m.kind}) changes this sample twice", "leave one out, or rename it")
    return Sample(value.word("name"), contents, tuple(modifiers.values()), value)


def _refuse_negative(value: Value, numbers: Vector, fix: str) -> None:
    if (numbers < 0).any():
        k = int(np.argmax(numbers < 0))
        raise value.error("spec-value", f"holds {numbers[k]:g} in bin {k}, less than nothing", fix=fix)


# ---- modifiers ----


def _modifier(value: Value, bins: int) -> Modifier:
    value.check(("name", "type", "data"))
    kind = value.word("type")
    if kind not in KINDS:
        fix = did_you_mean(kind, KINDS) or f"known types: {', '.join(KINDS)}"
        raise value["type"].error("spec-value", f"is '{kind}', which no modifier has", fix=fix)
    name, data = value.word("name"), value["data"]
    found = Modifier(name, kind, value)
    if kind == "normsys":
        return _normsys(found, data)
    if kind == "histosys":
        data.check(("lo_data", "hi_data"))
        low, high = (data[k].numbers(bins, "bin") for k in ("lo_data", "hi_data"))
        return Modifier(name, "histosys", value, low, high)
    if kind in ("shapesys", "staterror"):
        errors = data.numbers(bins, "bin")
        _refuse_negative(data, errors, "an error is 0 or more")
        return Modifier(name, found.kind, value, errors=errors)
    if data.data is not None:
        raise data.error("spec-value", f"belongs to a {kind}, which has none", 'write "data": null')
    if kind == "lumi" and name != "lumi":
        what = f"is '{name}', and that of a modifier of type lumi is 'lumi'"
        raise value["name"].error("spec-value", what, 'write "lumi", or make it a normsys')
    return found


def _normsys(found: Modifier, data: Value) -> Modifier:
    data.check(("lo", "hi"))
    for key in ("lo", "hi"):
        if not factors_fit("code1", data[key].number):
            what = f"is {data[key].number:g}: factors are interpolated by their logarithms"
            raise data[key].error("spec-value", what, "give a factor above 0")
    low, high = (np.array([data[k].number]) for k in ("lo", "hi"))
    return Modifier(found.name, found.kind, found.at, low, high)


# ---- measurements ----


def _measurement(value: Value) -> Measurement:
    value.check(("name", "config"))
    config = value["config"].check(("poi", "parameters"))
    named = config.named("parameters")
    settings = {name: _settings(v) for name, v in named.items()}
    return Measurement(value.word("name"), config.word("poi"), settings, value)


def _settings(value: Value) -> Settings:
    value.check(("name",), (*_ARRAYS, "fixed"))
    arrays = {k: value[k].numbers() for k in _ARRAYS if k in value.mapping and k != "bounds"}
    bounds = value.get("bounds")
    fixed = value.get("fixed")
    return Settings(
        value.word("name"),
        value,
        bounds=None if bounds is None else tuple(_bounds(b) for b in bounds.items),
        fixed=None if fixed is None else fixed.truth,
        **arrays,
    )


def _bounds(value: Value) -> tuple[float, float]:
    low, high = value.numbers(2, "bound")
    if not low < high:
        raise value.error("spec-value", f"does not ascend: {low:g} to {high:g}", "write the lower bound first")
    return float(low), float(high)


def chosen(document: Value, measurement: str | None) -> Measurement:
    """Return the measurement that is asked for, or the only one.

    Raises
    ------
    HzdslError
        ``name-unknown`` where there is none of the name, ``options`` where there are several to choose from.
    """
    found = measurements_of(document)
    names = ", ".join(found)
    file = document.source.name
    if not found:
        raise document["measurements"].error("spec-value", "is empty", "add one, with a name and its config")
    if measurement is None and len(found) > 1:
        fix = f'choose one: measurement="{next(iter(found))}"'
        raise HzdslError("options", f"{file} holds {len(found)} measurements: {names}", fix=fix)
    if measurement is None:
        return next(iter(found.values()))
    if measurement not in found:
        fix = did_you_mean(measurement, found) or f"there are {names}"
        raise HzdslError("name-unknown", f"{file} holds no measurement '{measurement}'", fix=fix)
    return found[measurement]
