"""A command line of Combine as a request: the same record that hzdsl's own commands make."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from hzdsl.cli.inference.combine_model import adjustments_of, expected_of, physics_of
from hzdsl.cli.inference.combine_said import Words
from hzdsl.cli.inference.combine_words import METHODS_MISSING
from hzdsl.cli.inference.limits import Limit
from hzdsl.cli.inference.options import names_in, number_in, values_in
from hzdsl.cli.inference.request import Output, Request, Study
from hzdsl.cli.inference.scans import Contour, Grid, Region, Scan
from hzdsl.cli.inference.studies import Compatibility, Fit, Goodness, Impacts, Significance
from hzdsl.cli.inference.toys import Generate
from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.cards.shapes import Substitutions, keywords
from hzdsl.stats.methods.toy_limits import CLS_ACCURACY
from hzdsl.stats.setup.opening import Reading
from hzdsl.stats.setup.pretended import Pretended, Systematics

LHC = ("LHC-limits", "LHC-significance", "LHC-feldman-cousins")


def request_of(words: Words, notes: tuple[str, ...]) -> Request:
    """Return what a command line of Combine asks for.

    Raises
    ------
    HzdslError
        ``options``, ``unsupported`` where it asks for what is not offered.
    """
    method = words["method"]
    physics, pois = physics_of(words)
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
            "centre",
        ),
        adjustments_of(words, physics, pois, values),
        Pretended(
            toys,
            expected_of(words, physics, values),
            bool(toys and words["toys_frequentist"]),
            _systematics(words),
        ),
        _output(words, f"higgsCombine{name}.{method}.mH{mass:g}"),
        _seed(words) if study.random or toys > 0 else 1,
        (words["fork"] or 1) if study.random or toys > 0 else 1,
        notes,
    )
    what = f"-M {method}" + ("" if words["toys"] else " of the data")
    idle = tuple(f"--{option} has no meaning for {what}" for option in words.left)
    return replace(request, notes=(*request.notes, *idle))


def _seed(words: Words) -> int:
    """Return the seed of toys; of one that is negative another one each time."""
    said: int = words["seed"]
    return said if said >= 0 else secrets.randbelow(2**31)


def _systematics(words: Words) -> Systematics:
    """Return what toys differ in, as Combine has it."""
    frequentist, none = words["toys_frequentist"], words["no_systematics"]
    if frequentist and none:
        what = "--toysFrequentist and --toysNoSystematics are two kinds of toys"
        raise HzdslError("options", what, fix="give one of them")
    return "centers" if frequentist else "none" if none else "varied"


def _output(words: Words, stem: str) -> Output:
    """Return where results go."""
    form: Literal["text", "json"] = "json" if words["as_json"] else "text"
    return Output(form, words["folder"], stem, words["quiet"], ("png",) if words["plots"] else ())


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
    )


def _multi_dim_fit(words: Words) -> Study:
    algo = words["algo"] or "none"
    points = words["points"]
    if algo == "singles" and words.given("level"):
        what = "intervals of --algo singles are those of 68.3 %, whatever --cl says"
        raise HzdslError("unsupported", what, fix="leave --cl out; --algo grid has those of 95 %, too")
    grid = Grid(points=points or 50, between="bounds" if words["align"] else "centers")
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
        return Contour(points=points or 50, level=words["level"])
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
        value = None if at is None else number_in(at, "--singlePoint")
        accuracy = words["cls_accuracy"]
        return Limit(words["level"], toys, at=value, cls_accuracy=CLS_ACCURACY if accuracy is None else accuracy)
    points = values_in([at if "=" in at else f"r={at}"], "--singlePoint") if at else ()
    return Region(Grid(points=words["points"] or 20, at=points, between="centers"), toys, words["level"])


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
