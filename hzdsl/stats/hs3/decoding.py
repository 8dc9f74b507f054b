"""From an HS3 document to its records: which keys each type has, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import numpy as np

from hzdsl.errors import did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.documents import Value
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.hs3.records import Axis, Operand, Workspace
from hzdsl.stats.parameters import Vector

_SECTIONS = (
    "analyses",
    "data",
    "distributions",
    "domains",
    "functions",
    "likelihoods",
    "misc",
    "parameter_points",
)


def decode(document: Value) -> Workspace:
    """Return the records of a document.

    Raises
    ------
    HzdslError
        ``spec-format`` where it is no HS3 document, ``spec-key``, ``spec-value`` and ``name-twice`` with the place,
        ``unsupported`` for types of distributions and functions that are not known.
    """
    _check_format(document)
    document.check(("metadata",), _SECTIONS)
    misc = document.get("misc")
    return Workspace(
        distributions={n: _distribution(v) for n, v in document.named("distributions").items()},
        functions={n: _record(v, FUNCTIONS) for n, v in document.named("functions").items()},
        domains={n: _domain(v) for n, v in document.named("domains").items()},
        points={n: _point(v) for n, v in document.named("parameter_points").items()},
        data={n: _data(v) for n, v in document.named("data").items()},
        likelihoods={n: _likelihood(v) for n, v in document.named("likelihoods").items()},
        analyses={n: _analysis(v) for n, v in document.named("analyses").items()},
        constants=frozenset() if misc is None else _constants(misc),
        writers=tuple(p.word("name") for p in document["metadata"].each("packages")),
        at=document,
    )


def _check_format(document: Value) -> None:
    metadata = document.mapping.get("metadata")
    if not isinstance(metadata, dict) or "hs3_version" not in metadata:
        fix = (
            "a HistFactory document is read by hzdsl.stats.histfactory"
            if "measurements" in document.mapping
            else 'documents of HS3 begin with "metadata": {"hs3_version": "0.2"}'
        )
        raise document.error("spec-format", "is no HS3 document: its metadata have no hs3_version", fix=fix)
    version = document["metadata"]["hs3_version"]
    if not version.text.startswith(("0.2", "0.1.9")):  # the last before 0.2 has its keys; ROOT's tutorial says it
        raise version.error("spec-value", f"is {version.text}, and 0.2 is read", "write it with ROOT 6.32 or newer")


# ---- distributions and functions ----

Reader = Callable[[Value], Any]


def operand(value: Value) -> Operand:
    """Return a name or a number; ROOT writes some numbers as texts."""
    if not isinstance(value.data, str):
        return value.number
    try:
        return float(value.data)
    except ValueError:
        return value.data


def _operands(value: Value) -> tuple[Operand, ...]:
    found = value.items if isinstance(value.data, list) else (value,)
    return tuple(operand(v) for v in found)


def _integers(value: Value) -> tuple[int, ...]:
    return tuple(v.integer for v in value.items)


def _text(value: Value) -> str:
    return value.text


def _texts(value: Value) -> tuple[str, ...]:
    return value.texts


def _pairs(value: Value) -> tuple[tuple[float, float], ...]:
    return tuple((float(v[0]), float(v[1])) for v in (pair.numbers(2, "side") for pair in value.items))


def _truth(value: Value) -> bool:
    return value.truth


@dataclass(frozen=True)
class _Form:
    """The record of a type, and in the order of its fields the keys, how they are read, and keys without meaning."""

    record: Callable[..., Any]
    keys: Mapping[str, Reader]
    ignored: tuple[str, ...] = ()


def _of_operands(record: Callable[..., Any], *keys: str) -> _Form:
    return _Form(record, dict.fromkeys(keys, operand))


_SUM: dict[str, Reader] = {"x": operand, "coefficients": _operands}
_SIDES = ("sigma_L", "sigma_R", "alpha_L", "alpha_R", "n_L", "n_R")
DISTRIBUTIONS: Mapping[str, _Form] = {
    "gaussian_dist": _of_operands(r.Gaussian, "x", "mean", "sigma"),
    "poisson_dist": _Form(r.Poisson, {"x": operand, "mean": operand}, ("integer",)),
    "exponential_dist": _of_operands(r.Exponential, "x", "c"),
    "lognormal_dist": _of_operands(r.Lognormal, "x", "mu", "sigma"),
    "landau_dist": _of_operands(r.Landau, "x", "mean", "sigma"),
    "crystalball_doublesided_dist": _of_operands(r.CrystalBall, "m", "m0", *_SIDES),
    "ARGUS_dist": _of_operands(r.Argus, "mass", "resonance", "slope", "power"),
    "argus_dist": _of_operands(r.Argus, "mass", "resonance", "slope", "power"),
    "uniform_dist": _Form(r.Uniform, {"x": _operands}),
    "polynomial_dist": _Form(r.Polynomial, _SUM),
    "chebychev_dist": _Form(r.Chebychev, _SUM),
    "bernstein_poly_dist": _Form(r.Bernstein, _SUM),
    "generic_dist": _Form(r.Generic, {"expression": _text}),
    "product_dist": _Form(r.Product, {"factors": _texts}),
}
FUNCTIONS: Mapping[str, _Form] = {
    "sum": _Form(r.SumOf, {"summands": _operands}),
    "product": _Form(r.ProductOf, {"factors": _operands}),
    "generic_function": _Form(r.GenericFunction, {"expression": _text}),
    "interpolation0d": _Form(
        r.Interpolation,
        {"vars": _operands, "nom": operand, "low": _operands, "high": _operands, "interpolationCodes": _integers},
    ),
    "CMS::process_normalization": _Form(
        r.ProcessNormalization,
        {
            "nominalValue": operand,
            "logKappa": _operands,
            "thetaList": _operands,
            "logAsymmKappa": _pairs,
            "asymmThetaList": _operands,
            "otherFactorList": _operands,
        },
        ("expression",),
    ),
}


def _distribution(value: Value) -> r.Distribution:
    special: dict[str, Callable[[Value], r.Distribution]]
    special = {"histfactory_dist": _histfactory, "crystalball_dist": _crystal_ball, "mixture_dist": _mixture}
    kind = value.word("type")
    found: r.Distribution
    found = special[kind](value) if kind in special else _record(value, DISTRIBUTIONS, tuple(special))
    return found


def _record(value: Value, forms: Mapping[str, _Form], others: tuple[str, ...] = ()) -> Any:
    kind = value.word("type")
    form = forms.get(kind)
    if form is None:
        known = [*forms, *others]
        fix = did_you_mean(kind, known) or f"known: {', '.join(sorted(known))}"
        raise value["type"].error("unsupported", f"is '{kind}', which is not read", fix=fix)
    value.check(("name", "type", *form.keys), form.ignored)
    return form.record(value.word("name"), *(read(value[key]) for key, read in form.keys.items()))


def _histfactory(value: Value) -> r.HistFactory:
    value.check(("name", "type", "axes", "samples"), ("staterror", "default_interpolation"))
    return r.HistFactory(value.word("name"), tuple(_axis(a) for a in value["axes"].items), value)


def _crystal_ball(value: Value) -> r.CrystalBall | r.OneSidedCrystalBall:
    """ROOT's has one tail; the standard's may have two, whose keys may be one for both."""
    name, keys = value.word("name"), value.mapping
    if not any(side in keys for side in _SIDES):
        value.check(("name", "type", "m", "m0", "sigma", "alpha", "n"))
        return r.OneSidedCrystalBall(name, *(operand(value[k]) for k in ("m", "m0", "sigma", "alpha", "n")))
    value.check(("name", "type", "m", "m0"), (*_SIDES, "sigma", "alpha", "n"))
    sides = [k if k in keys else k[:-2] for k in _SIDES]
    lacking = next((k for k in sides if k not in keys), None)
    if lacking:
        raise value.error("spec-key", f"lacks the key '{lacking}'", f'add "{lacking}": …')
    return r.CrystalBall(name, *(operand(value[k]) for k in ("m", "m0", *sides)))


def _mixture(value: Value) -> r.Mixture:
    value.check(("name", "type", "summands", "coefficients"), ("extended", "ref_coef_norm"))
    summands, coefficients = value["summands"].texts, _operands(value["coefficients"])
    given = value.get("extended")
    extended = len(summands) == len(coefficients) if given is None else given.truth
    if len(coefficients) not in ({len(summands)} if extended else {len(summands) - 1, len(summands)}):
        what = f"has {len(coefficients)} coefficients for {len(summands)} summands"
        fix = "one less than summands, or, of an extended one, as many"
        raise value.error("spec-value", f"{what}{' and is extended' * extended}", fix)
    return r.Mixture(value.word("name"), summands, coefficients, extended)


# ---- data ----


def _axis(value: Value) -> Axis:
    """Return an axis: bins are said by their edges, or by how many equal ones there are."""
    value.check(("name",), ("min", "max", "nbins", "edges", "bounds", "value", "const"))
    edges = value.get("edges") or value.get("bounds")
    if edges is not None:
        found = edges.numbers()
        if len(found) < 2 or not (np.diff(found) > 0).all():
            raise edges.error("spec-value", "does not ascend", "give two edges or more, in order, each once")
        return Axis(value.word("name"), float(found[0]), float(found[-1]), found)
    low, high = (value[k].number if k in value.mapping else x for k, x in (("min", -inf), ("max", inf)))
    bins = value.get("nbins")
    if bins is None:
        return Axis(value.word("name"), low, high)
    if bins.integer < 1 or not -inf < low < high < inf:
        what = f"are no bins: {bins.integer} from {low:g} to {high:g}"
        raise value.error("spec-value", what, "give nbins above 0, and min below max")
    return Axis(value.word("name"), low, high, np.linspace(low, high, bins.integer + 1))


def bins_of(axes: tuple[Axis, ...], at: Value) -> int:
    """Return how many bins axes have together."""
    bins = 1
    for axis in axes:
        if axis.edges is None:
            raise at.error("spec-key", f"says no bins of '{axis.name}'", fix="give its nbins, or its edges")
        bins *= len(axis.edges) - 1
    return bins


def _data(value: Value) -> r.Data:
    kind = value.word("type")
    if kind == "point":
        value.check(("name", "type", "value"), ("uncertainty",))
        error = value.get("uncertainty")
        return r.Point(value.word("name"), value["value"].number, None if error is None else error.number)
    axes = tuple(_axis(a) for a in value.each("axes"))
    if kind == "binned":
        value.check(("name", "type", "axes", "contents"), ("uncertainty",))
        contents = value["contents"].numbers(bins_of(axes, value), "bin")
        return r.Binned(value.word("name"), axes, contents, _errors(value, len(contents)))
    if kind != "unbinned":
        raise value["type"].error(
            "unsupported", f"is '{kind}', which is not read", fix="known: binned, unbinned, point"
        )
    value.check(("name", "type", "axes", "entries"), ("weights", "entries_uncertainties"))
    entries = np.array([v.numbers(len(axes), "observable") for v in value["entries"].items], float)
    weights = value.get("weights")
    return r.Unbinned(
        value.word("name"),
        axes,
        entries.reshape(-1, len(axes)),
        None if weights is None else weights.numbers(len(entries), "row"),
    )


def _errors(value: Value, bins: int) -> Vector | None:
    said = value.get("uncertainty")
    if said is None:
        return None
    return said.check(("type", "sigma"), ("correlation",))["sigma"].numbers(bins, "bin")


# ---- the rest ----


def _domain(value: Value) -> dict[str, Axis]:
    value.check(("name", "type", "axes"))
    if value.word("type") != "product_domain":
        what = f"is '{value.word('type')}', which is not read"
        raise value["type"].error("unsupported", what, "write a product_domain")
    return {name: _axis(axis) for name, axis in value.named("axes").items()}


def _point(value: Value) -> dict[str, r.Setting]:
    return {name: _setting(v) for name, v in value.check(("name", "parameters")).named("parameters").items()}


def _setting(value: Value) -> r.Setting:
    value.check(("name", "value"), ("const", "min", "max", "error", "nbins"))
    fixed, low, high = (value.get(k) for k in ("const", "min", "max"))
    return r.Setting(
        value["value"].number,
        fixed is not None and fixed.truth,
        None if low is None else low.number,
        None if high is None else high.number,
    )


def _likelihood(value: Value) -> r.Likelihood:
    value.check(("name", "distributions", "data"), ("aux_distributions", "aux_data"))
    distributions, data = value["distributions"].texts, _operands(value["data"])
    if len(distributions) != len(data):
        what = f"has {len(distributions)} distributions and {len(data)} data"
        raise value.error("spec-value", what, "give data for each distribution, in their order")
    constraints = value.get("aux_distributions")
    return r.Likelihood(value.word("name"), distributions, data, () if constraints is None else constraints.texts)


def _analysis(value: Value) -> r.Analysis:
    value.check(("name", "likelihood"), ("domains", "parameters_of_interest", "init", "prior"))
    init = value.get("init")
    interest, domains = (value[k].texts if k in value.mapping else () for k in ("parameters_of_interest", "domains"))
    return r.Analysis(
        value.word("name"), value.word("likelihood"), interest, domains, None if init is None else init.text
    )


def _constants(misc: Value) -> frozenset[str]:
    """Return the names that ROOT keeps as constant: the only thing of what is its own that changes a likelihood."""
    internal = misc.get("ROOT_internal")
    attributes = None if internal is None else internal.get("attributes")
    if attributes is None:
        return frozenset()
    tags = {name: attributes[name].get("tags") for name in attributes.mapping}
    return frozenset(name for name, said in tags.items() if said is not None and "Constant" in said.texts)
