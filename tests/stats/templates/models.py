"""Binned models for tests: one for each rule, and random ones that have everything."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hzdsl.ir import build
from hzdsl.ir.node import Node
from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from hzdsl.stats.templates.model import (
    Added,
    Channel,
    Factor,
    Gammas,
    Norm,
    NormRule,
    Process,
    Shape,
    ShapeRule,
    TemplateModel,
)

Vector = npt.NDArray[np.float64]

BINS = 5
NOMINAL = np.array([12.0, 30.0, 21.0, 9.0, 4.0])
OTHER = np.array([3.0, 1.0, 7.0, 2.0, 0.5])
COUNTS = np.array([16.0, 28.0, 0.0, 13.0, 5.0])
UP, DOWN = np.array([0.5, -1.5, 2.0, 0.25, 0.0]), np.array([-1.0, 1.0, -0.5, 0.5, 0.125])


def model(processes: Iterable[Process], parameters: Iterable[Parameter], **options: object) -> TemplateModel:
    """Return a model of one channel."""
    channel = Channel("only", tuple(processes), COUNTS, **options)  # type: ignore[arg-type]
    return TemplateModel((channel,), Parameters(parameters))


def nuisances(*names: str) -> list[Parameter]:
    return [Parameter(n, constraint=Normal()) for n in names]


def multiplier(name: str) -> Node:
    return build.param(name, 1.0)


def _norms(rule: NormRule) -> TemplateModel:
    norms = tuple(Norm(n, up, down, rule) for n, up, down in (("a", 1.2, 0.85), ("b", 0.7, 1.1)))
    processes = [Process("s", NOMINAL, 1.5, norms=norms), Process("b", OTHER, norms=norms[:1])]
    return model(processes, nuisances("a", "b"))


def _shapes(rule: ShapeRule, log: bool = False) -> TemplateModel:
    """Shapes of two parameters, of which one is scaled and joined elsewhere; logarithms are a tenth as large."""
    size = 0.1 if log else 1.0
    first = Shape("a", size * UP, size * DOWN, rule, log=log)
    second = Shape("b", size * DOWN, size * UP, rule, scale=0.5, joined=0.5, log=log)
    processes = [Process("s", NOMINAL, shapes=(first, second)), Process("b", OTHER, shapes=(second,) if log else ())]
    return model([*processes, Process("flat", np.ones(BINS))], nuisances("a", "b"))


def _combine() -> TemplateModel:
    """A floor that some bins reach, and one process that is rescaled to 1."""
    shape = Shape("a", 2 * UP, 6 * DOWN)
    low = Process("low", OTHER, shapes=(shape,), floor=0.8)
    unit = Process("unit", OTHER, rate=40.0, shapes=(Shape("b", 0.2 * UP, DOWN),), floor=1e-9, normalized=True)
    return model([low, unit, Process("plain", NOMINAL)], nuisances("a", "b"))


def _factors() -> TemplateModel:
    r, k = multiplier("r"), multiplier("k")
    scale = build.arithmetic("mul", r, build.arithmetic("add", k, build.const(0.5)))
    processes = [
        Process("s", NOMINAL, factors=(Factor("r"),)),
        Process("t", OTHER, factors=(Factor("r"), Factor("k"), Factor("k"))),
        Process("u", OTHER, scale=scale),
        Process("v", NOMINAL, scale=build.power(k, build.const(2.0)), factors=(Factor("r"),)),
        Process("w", OTHER),
    ]
    return model(processes, [Parameter("r", 1.0), Parameter("k", 1.0, constraint=Normal(1.0, 0.1, 0.2))])


def _gammas() -> TemplateModel:
    """One factor of bins that processes share, and others of single processes."""
    shared = Gammas(tuple(f"g{b}" if b != 2 else None for b in range(BINS)))
    own = Gammas(("h", None, None, "h", "g0"))
    processes = [
        Process("s", NOMINAL, gammas=(shared,)),
        Process("b", OTHER, gammas=(own, shared)),
        Process("c", OTHER, gammas=(own,)),
        Process("d", OTHER),
    ]
    counted = [Parameter(f"g{b}", 1.0, constraint=Counted(20.0 + b, 20.0)) for b in (0, 1, 3, 4)]
    return model(processes, [*counted, Parameter("h", 1.0, constraint=Normal(1.0, 0.05))])


def _added() -> TemplateModel:
    """Bins without contents to which parameters are added, beside shapes of either kind; far below 0 they are cut."""
    h = np.where(np.arange(BINS) == 2, 0.0, NOMINAL)
    terms = Added((None, None, "n", None, "m"), np.array([5.0, 5.0, 0.5, 5.0, 0.2]))
    log = Shape("a", np.log1p(UP / NOMINAL), np.log1p(DOWN / NOMINAL), log=True)
    processes = [
        Process("s", h, 3.0, shapes=(log,), norms=(Norm("b", 1.3, 0.8),), added=terms, floor=1e-9),
        Process(
            "t",
            0.1 * h,
            shapes=(Shape("a", 0.1 * UP, 0.1 * DOWN),),
            added=Added((None, "o", "o", None, None), np.abs(UP)),
        ),
    ]
    return model(processes, nuisances("a", "b", "n", "m", "o"), floor=0.5)


def _profiled() -> TemplateModel:
    """Counts of 0 and expectations above and below counts, and bins that are not profiled."""
    flags = np.array([True, True, True, False, True])
    processes = [
        Process("s", NOMINAL, errors=np.array([1.0, 2.0, 3.0, 1.0, 0.5]), factors=(Factor("r"),)),
        Process("b", OTHER, 2.0, errors=np.sqrt(OTHER), norms=(Norm("a", 1.3, 0.8),)),
        Process("c", OTHER),
    ]
    return model(processes, [Parameter("r", 1.0), *nuisances("a")], profiled=flags)


def _masked() -> TemplateModel:
    processes = (Process("s", NOMINAL, factors=(Factor("r"),)),)
    channels = [Channel(n, processes, COUNTS, mask=m) for n, m in (("x", "mask_x"), ("y", None), ("z", "mask_z"))]
    return TemplateModel(
        tuple(channels), Parameters([Parameter("r", 1.0), Parameter("mask_x", fixed=True), Parameter("mask_z", 1.0)])
    )


def _single() -> TemplateModel:
    channel = Channel("only", (Process("s", np.array([3.0]), factors=(Factor("r"),)),), np.array([0.0]))
    return TemplateModel((channel,), Parameters([Parameter("r", 1.0)]))


def several() -> TemplateModel:
    """Channels with different numbers of bins and processes, effects of all rules, a process without any."""
    rng = np.random.default_rng(11)
    names, channels = ("a", "b", "c"), []
    norm_rules: tuple[NormRule, ...] = ("combine", "code1", "code4")
    shape_rules: tuple[ShapeRule, ...] = ("combine", "code4p", "code2")
    for bins, count in ((1, 1), (4, 3), (9, 2)):
        processes = []
        for k in range(count):
            h = rng.uniform(5, 30, bins)
            up, down = (rng.normal(0, 0.05, bins) * h for _ in range(2))
            norms = tuple(
                Norm(n, 1 + rng.uniform(0.02, 0.3), 1 - rng.uniform(0.02, 0.3), rule)
                for n, rule in zip(names, norm_rules, strict=True)
            )
            shapes = tuple(Shape(n, up, down, rule) for n, rule in zip(names, shape_rules, strict=True))
            every = k == 1
            processes.append(
                Process(
                    f"p{k}",
                    h,
                    1.0 + 0.1 * k,
                    errors=0.1 * h,
                    norms=norms if not every else (),
                    shapes=shapes if not every else (),
                    factors=(Factor("r"),) if k == 0 else (),
                    floor=1e-9 if k == 2 else None,
                )
            )
        counts = rng.poisson(15.0 * count, bins).astype(float)
        flags = rng.random(bins) < 0.5 if bins > 1 else None
        channels.append(Channel(f"c{bins}", tuple(processes), counts, profiled=flags))
    return TemplateModel(tuple(channels), Parameters([Parameter("r", 1.0), *nuisances(*names)]))


NORM_RULES: tuple[NormRule, ...] = ("combine", "code0", "code1", "code4")
SHAPE_RULES: tuple[ShapeRule, ...] = ("combine", "code0", "code2", "code4p")
MODELS = {
    **{f"norms {rule}": _norms(rule) for rule in NORM_RULES},
    **{f"shapes {rule}": _shapes(rule) for rule in SHAPE_RULES},
    "log shapes": _shapes("combine", log=True),
    "floors and normalized": _combine(),
    "factors and scales": _factors(),
    "gammas": _gammas(),
    "added": _added(),
    "profiled": _profiled(),
    "masks": _masked(),
    "one bin, one process, nothing seen": _single(),
    "several channels": several(),
}
