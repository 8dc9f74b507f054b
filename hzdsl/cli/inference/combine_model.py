"""The model that a command line of Combine means: its physics model, parameters, and the signal in pretended data."""

from __future__ import annotations

from math import nan

from hzdsl.cli.inference.combine_said import Words
from hzdsl.cli.inference.options import names_in, range_in
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.combine.physics import FloatingProduction, PhysicsModel, SignalStrength, multi_signal
from hzdsl.stats.setup.adjusting import Adjustments

#: What floatingXSHiggs lets go less far than to 20 (PhysicsModel.py).
NARROWER = {"ggH": 4.0, "qqH": 10.0}


def physics_of(words: Words) -> tuple[PhysicsModel, tuple[str, ...]]:
    """Return the physics model, and the parameters of MultiDimFit's -P, which has the same letter."""
    models = [p.rpartition(":")[2] for p in words["parameters"] if ":" in p]
    pois = tuple(n for p in words["parameters"] if ":" not in p for n in names_in(p))
    options = words["physics_options"]
    if len(models) > 1:
        raise HzdslError("options", f"there are {len(models)} physics models", fix="give one -P MODULE:MODEL")
    if not models:
        if options:
            fix = "name the model: -P HiggsAnalysis.CombinedLimit.PhysicsModel:multiSignalModel"
            raise HzdslError("options", "--PO says options of a physics model, and there is none", fix=fix)
        return SignalStrength(), pois
    known = {"multiSignalModel": _multi_signal, "floatingXSHiggs": _floating, "defaultModel": _default}
    if models[0] not in known:
        fix = did_you_mean(models[0], known) or f"there are {', '.join(known)}"
        raise HzdslError("unsupported", f"there is no physics model '{models[0]}'", fix=fix)
    return known[models[0]](options), pois


def _default(options: tuple[str, ...]) -> PhysicsModel:
    if options:
        raise HzdslError("options", f"the default model has no option '{options[0]}'", fix="leave --PO out")
    return SignalStrength()


def _multi_signal(options: tuple[str, ...]) -> PhysicsModel:
    maps = [o for o in options if o.startswith("map=")]
    others = [o for o in options if not o.startswith("map=") and o != "verbose"]
    if others or not maps:
        what = f"multiSignalModel has no option '{others[0]}'" if others else "multiSignalModel needs maps"
        raise HzdslError("options", what, fix="--PO map=PATTERN:NAME[START,LOW,HIGH]")
    return multi_signal(maps)


def _floating(options: tuple[str, ...]) -> PhysicsModel:
    modes = FloatingProduction().modes
    for option in options:
        name, _, value = option.partition("=")
        if name == "modes":
            modes = names_in(value)
        elif not name.endswith("Range"):
            fix = "--PO modes=ggH,qqH or --PO ggHRange=0:5"
            raise HzdslError("unsupported", f"floatingXSHiggs has no option '{option}' here", fix=fix)
    return FloatingProduction(modes)


def adjustments_of(
    words: Words, physics: PhysicsModel, pois: tuple[str, ...], values: tuple[tuple[str, float], ...]
) -> Adjustments:
    interest = names_in(words["redefine_pois"] or "")
    first = (*interest, *(p.name for p in physics.parameters if p.interest))[0]
    snapshot = words["snapshot"]
    if snapshot not in (None, "MultiDimFit"):
        fix = "--snapshotName MultiDimFit: what is frozen stays at its best values"
        raise HzdslError("unsupported", f"there is no snapshot '{snapshot}'", fix=fix)
    low, high = words["r_min"], words["r_max"]
    ranges = list(_production_ranges(physics, words["physics_options"]))
    if low is not None or high is not None:
        ranges.append((first, (nan if low is None else low, nan if high is None else high)))
    ranges += [range_in(t, "--setParameterRanges") for t in (words["set_ranges"] or "").split(":") if t]
    return Adjustments(
        values=values,
        ranges=tuple(ranges),
        fixed=names_in(words["freeze"] or ""),
        floating=names_in(words["float_parameters"] or ""),
        groups=names_in(words["freeze_groups"] or ""),
        interest=interest,
        only=pois,
        others_float=words["float_others"],
        optional=("MH",),
        fit_first=snapshot is not None,
    )


def _production_ranges(physics: PhysicsModel, options: tuple[str, ...]) -> list[tuple[str, tuple[float, float]]]:
    if not isinstance(physics, FloatingProduction):
        return []
    found = {f"r_{m}": (0.0, NARROWER[m]) for m in physics.modes if m in NARROWER}
    for option in options:
        name, _, value = option.partition("=")
        if name.endswith("Range"):
            mode = name.removesuffix("Range")
            found[f"r_{mode}"] = range_in(f"r_{mode}={value}", f"--PO {name}", ":")[1]
    return list(found.items())


def expected_of(
    words: Words, physics: PhysicsModel, values: tuple[tuple[str, float], ...]
) -> tuple[tuple[str, float], ...]:
    """Return the signal that pretended data have: Combine's is 0 unless something else is said."""
    if not words["toys"]:
        return ()
    said = words["expect_signal"]
    if said is not None:
        return (("", said),)
    named = "r" in {p.name for p in physics.parameters} and "r" not in dict(values)
    return (("r", 0.0),) if named else ()
