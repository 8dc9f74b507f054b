"""A command line of Combine as a request: the same record that hzdsl's own commands make."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import nan
from typing import Any

import click

from hzdsl.cli.inference.combine_words import METHODS_MISSING
from hzdsl.cli.inference.options import names_in, number_in, range_in, values_in
from hzdsl.cli.inference.request import Output, Request, Study
from hzdsl.cli.inference.scans import Contour, Grid, Region, Scan
from hzdsl.cli.inference.studies import Compatibility, Fit, Goodness, Impacts, Limit, Significance
from hzdsl.cli.inference.toys import Generate
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.cards.shapes import Substitutions, keywords
from hzdsl.stats.combine.physics import FloatingProduction, PhysicsModel, SignalStrength, multi_signal
from hzdsl.stats.setup.adjusting import Adjustments
from hzdsl.stats.setup.opening import Reading
from hzdsl.stats.setup.pretended import Pretended

#: What floatingXSHiggs lets go less far than to 20 (PhysicsModel.py).
NARROWER = {"ggH": 4.0, "qqH": 10.0}
LHC = ("LHC-limits", "LHC-significance", "LHC-feldman-cousins")
Said = Mapping[str, Any]


class Words:
    """What was said on the command line; what no part of it took up is told in the end."""

    def __init__(self, said: Said, given: set[str]) -> None:
        self._said, self._left = said, set(given)

    def __getitem__(self, name: str) -> Any:
        self._left.discard(name)
        return self._said[name]

    @property
    def left(self) -> tuple[str, ...]:
        """The names of those that were given, and that nobody asked for."""
        return tuple(sorted(self._left))


def request_of(words: Words, notes: tuple[str, ...]) -> Request:
    """Return what a command line of Combine asks for.

    Raises
    ------
    HzdslError
        ``options``, ``unsupported`` where it asks for what is not offered.
    """
    method = words["method"]
    physics, pois = _physics(words)
    study = _study(words, method)
    toys = 0 if method == "GoodnessOfFit" else words["toys"]
    values = values_in([words["set_parameters"] or ""], "--setParameters")
    name, mass = words["name"], words["mass"]
    request = Request(
        words["inputs"],
        study,
        Reading(
            physics,
            Substitutions(mass, keywords(words["keywords"])),
            words["channel_masks"] or any(n.startswith("mask_") for n, _ in values),
            words["lenient"],
        ),
        _adjustments(words, physics, pois, values),
        Pretended(toys, _expected(words, physics, values), words["toys_frequentist"], not words["no_systematics"]),
        Output(words["as_json"], words["folder"], f"higgsCombine{name}.{method}.mH{mass:g}", words["quiet"]),
        words["seed"] if words["seed"] >= 0 else secrets.randbelow(2**31),
        words["fork"] or 1,
        notes,
    )
    idle = tuple(f"--{option} has no meaning for -M {method}" for option in map(_spelled, words.left))
    return replace(request, notes=(*request.notes, *idle))


def _spelled(name: str) -> str:
    return SPELLED.get(name, name)


#: Options whose name in Combine is not that of the value.
SPELLED = {
    "set_parameters": "setParameters", "level": "cl", "algo_minos": "minos", "fixed_points": "fixedPointPOIs",
    "lhc_mode": "LHCmode", "toys_per_point": "toysH", "run_what": "run", "single_point": "singlePoint",
    "float_others": "floatOtherPOIs", "fixed_strength": "fixedSignalStrength", "align": "alignEdges",
    "no_errors": "noErrors", "just_fit": "justFit", "skip_background": "skipBOnlyFit", "shapes": "saveShapes",
    "strategy": "cminDefaultMinimizerStrategy", "parameters": "parameters (-P)", "test_stat": "testStat",
}  # fmt: skip


# ---- the model --------------------------------------------------------------------------------------------------


def _physics(words: Words) -> tuple[PhysicsModel, tuple[str, ...]]:
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


def _adjustments(
    words: Words, physics: PhysicsModel, pois: tuple[str, ...], values: tuple[tuple[str, float], ...]
) -> Adjustments:
    interest = names_in(words["redefine_pois"] or "")
    first = (*interest, *(p.name for p in physics.parameters if p.interest))[0]
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


def _expected(
    words: Words, physics: PhysicsModel, values: tuple[tuple[str, float], ...]
) -> tuple[tuple[str, float], ...]:
    """Return the signal that pretended data have: Combine's is 0 unless something else is said."""
    said = words["expect_signal"]
    if not words["toys"]:
        return ()
    if said is not None:
        return (("", said),)
    named = "r" in {p.name for p in physics.parameters} and "r" not in dict(values)
    return (("r", 0.0),) if named else ()


# ---- the method -------------------------------------------------------------------------------------------------


def _study(words: Words, method: str) -> Study:
    if method in METHODS_MISSING:
        raise HzdslError("unsupported", f"-M {method} is not offered", fix=METHODS_MISSING[method])
    if method not in METHODS:
        fix = did_you_mean(method, METHODS) or f"there are {', '.join(METHODS)}"
        raise HzdslError("options", f"Combine has no method '{method}'", fix=fix)
    return METHODS[method](words)


def _fit_diagnostics(words: Words) -> Study:
    minos = {"poi": ("poi",), "all": ("all",), "none": ()}
    short = words["just_fit"] or words["skip_background"]
    return Fit(
        minos=minos[words["algo_minos"]],
        background=not short,
        yields=words["shapes"] or words["normalizations"] or words["overall_shapes"],
        strategy=words["strategy"],
        covariance=not words["no_errors"],
    )


def _multi_dim_fit(words: Words) -> Study:
    algo = words["algo"] or "none"
    points, level = words["points"], words["level"]
    grid = Grid((), points or 50, edges=words["align"])
    if algo in ("none", "singles"):
        return Fit(minos=("poi",) if algo == "singles" else (), strategy=words["strategy"])
    if algo == "grid":
        return Scan(grid)
    if algo == "fixed":
        at = values_in([words["fixed_points"] or ""], "--fixedPointPOIs")
        if not at:
            raise HzdslError("options", "--algo fixed needs a point", fix="--fixedPointPOIs r=1")
        return Scan(Grid(at=at))
    if algo == "contour2d":
        return Contour(points=points or 50, level=level)
    known = ("none", "singles", "grid", "fixed", "contour2d")
    fix = did_you_mean(algo, known) or f"there are {', '.join(known)}"
    raise HzdslError("unsupported", f"--algo {algo} is not offered by -M MultiDimFit", fix=fix)


def _asymptotic(words: Words) -> Study:
    _only_cls(words)
    at = words["single_point"]
    run = words["run_what"]
    return Limit(words["level"], at=None if at is None else number_in(at, "--singlePoint"), run_what=run)


def _only_cls(words: Words) -> None:
    if words["rule"] != "CLs":
        raise HzdslError("unsupported", f"limits by the rule {words['rule']} are not offered", fix="--rule CLs")


def _significance(words: Words) -> Study:
    return Significance(capped=not words["uncapped"])


def _hybrid_new(words: Words) -> Study:
    mode = words["lhc_mode"]
    if mode is None:
        fix = f"--LHCmode {' or '.join(LHC)}"
        raise HzdslError("unsupported", "toys of Combine's own kind (LEP) are not offered", fix=fix)
    if mode not in LHC:
        fix = did_you_mean(mode, LHC) or f"there are {', '.join(LHC)}"
        raise HzdslError("options", f"there is no --LHCmode '{mode}'", fix=fix)
    toys, at = words["toys_per_point"], words["single_point"]
    if mode == "LHC-significance":
        return Significance(toys=toys)
    if mode == "LHC-limits":
        _only_cls(words)
        return Limit(words["level"], toys, at=None if at is None else number_in(at, "--singlePoint"))
    points = values_in([at if "=" in at else f"r={at}"], "--singlePoint") if at else ()
    return Region(Grid(points=words["points"] or 20, at=points), toys, words["level"])


def _goodness(words: Words) -> Study:
    statistic = {"saturated": "saturated", "KS": "ks", "AD": "ad", None: "saturated"}
    algo, toys = words["algo"], words["toys"]
    if algo not in statistic:
        raise HzdslError("options", f"there is no test '{algo}'", fix="--algo saturated, KS or AD")
    if toys < 0:
        raise HzdslError("options", "Asimov data are described perfectly", fix="leave -t -1 out")
    strength = words["fixed_strength"]
    held = () if strength is None else (("", strength),)
    return Goodness(statistic[algo], toys, held)  # type: ignore[arg-type]


def _compatibility(words: Words) -> Study:
    if words["fixed_strength"] is not None:
        fix = "freeze r, or leave it out"
        raise HzdslError("unsupported", "--fixedSignalStrength is not offered for this method", fix=fix)
    return Compatibility(tuple(words["groups"]))


def _generate(words: Words) -> Study:
    return Generate()


def _impacts(words: Words) -> Study:
    return Impacts(names_in(words["named"] or ""))


METHODS: dict[str, Callable[[Words], Study]] = {
    "AsymptoticLimits": _asymptotic, "ChannelCompatibilityCheck": _compatibility, "FitDiagnostics": _fit_diagnostics,
    "GenerateOnly": _generate, "GoodnessOfFit": _goodness, "HybridNew": _hybrid_new, "Impacts": _impacts,
    "MultiDimFit": _multi_dim_fit, "Significance": _significance,
}  # fmt: skip


def told(words: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return what is said of options that mean nothing here: options with one reason in one sentence."""
    by_reason: dict[str, list[str]] = {}
    for name, why in words:
        by_reason.setdefault(why, []).append(name)
    return tuple(f"{', '.join(names)}: {why}" for why, names in by_reason.items())


def refused(words: list[tuple[str, str]]) -> None:
    """Refuse options of Combine that would change what is found.

    Raises
    ------
    HzdslError
        ``unsupported`` with the reason.
    """
    for name, why in words:
        raise HzdslError("unsupported", f"Combine's {name} is not offered", fix=why)


def check_inputs(inputs: tuple[str, ...], card: str | None) -> tuple[str, ...]:
    """Return the inputs, with that of -d."""
    found = (*inputs, *((card,) if card else ()))
    if not found:
        raise click.UsageError("there is no datacard: combine -M METHOD CARD")
    return found
