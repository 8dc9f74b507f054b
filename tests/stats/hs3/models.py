"""Models that are written as HS3 documents in tests: all that such a document can say."""

from __future__ import annotations

import numpy as np

from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from hzdsl.stats.templates.model import Channel, Factor, Gammas, Norm, Process, Shape, TemplateModel


def full_model(seed: int, channels: int = 2, bins: int = 3) -> TemplateModel:
    """Two processes in each channel, with every modifier; numbers are random."""
    rng = np.random.default_rng(seed)
    parameters = {p.name: p for p in SHARED}
    made = []
    for name in ("SR", "CR", "VR")[:channels]:
        signal_gammas = _gammas(f"free_{name}", [None] * bins)
        counted = [Counted(n, n) for n in rng.uniform(20, 200, bins)]
        poisson_gammas = _gammas(f"u_{name}", counted)
        normal = [Normal(1.0 + rng.normal(0, 0.01), s) for s in rng.uniform(0.02, 0.1, bins)]
        shared_gammas = _gammas(f"mc_{name}", normal)
        parameters |= {p.name: p for p in (*signal_gammas, *poisson_gammas, *shared_gammas)}
        signal = Process(
            "signal",
            rng.uniform(5, 15, bins),
            norms=(Norm("alpha_eff", *_factors(rng), rule="code4"),),
            factors=(Factor("mu"), Factor("lumi")),
            gammas=(_of(signal_gammas), _of(shared_gammas)),
            signal=True,
        )
        contents = rng.uniform(40, 80, bins)
        background = Process(
            "background",
            contents,
            rate=1.25,
            norms=(
                Norm("alpha_eff", *_factors(rng), rule="code4"),
                Norm("size", *_factors(rng), rule="code1"),
                Norm("both", *_factors(rng), rule="code4"),
            ),
            factors=(Factor("lumi"), Factor("count")),
            shapes=tuple(
                Shape(x, contents * rng.normal(0, 0.1, bins), contents * rng.normal(0, 0.1, bins), "code4p")
                for x in ("alpha_jes", "both")
            ),
            gammas=(_of(poisson_gammas), _of(shared_gammas)),
        )
        edges = np.cumsum(rng.uniform(0.5, 2, bins + 1))
        counts = rng.poisson(1.25 * contents).astype(float)
        made.append(Channel(name, (signal, background), counts, edges))
    return TemplateModel(tuple(made), Parameters(parameters.values()))


SHARED = (
    Parameter("mu", 1.0, 0.0, 10.0, interest=True),
    Parameter("lumi", 1.0, 0.5, 1.5, constraint=Normal(1.01, 0.02)),
    Parameter("count", 1.0, 0.1, 5.0, constraint=Counted(90.0, 100.0)),
    Parameter("alpha_eff", 0.0, -5.0, 5.0, constraint=Normal()),
    Parameter("alpha_jes", 0.1, -5.0, 5.0, constraint=Normal(0.2, 0.9)),
    Parameter("size", 0.0, -5.0, 5.0, constraint=Normal()),
    Parameter("both", 0.0, -5.0, 5.0, constraint=Normal(), fixed=True),
)


def _factors(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(1.02, 1.3)), float(rng.uniform(0.75, 0.98))


def _gammas(name: str, constraints: list[Normal | Counted | None]) -> list[Parameter]:
    return [Parameter(f"{name}[{k}]", 1.0, 0.0, 10.0, constraint=c) for k, c in enumerate(constraints)]


def _of(gammas: list[Parameter]) -> Gammas:
    return Gammas(tuple(p.name for p in gammas))


def points(model: TemplateModel, count: int, seed: int) -> np.ndarray:
    """Random points around where parameters start, the first one being there; what is fixed stays."""
    rng = np.random.default_rng(seed)
    start = model.parameters.values
    steps = np.array([0.8 if p.low < 0 else 0.03 for p in model.parameters]) * model.parameters.free
    return np.clip(start + np.vstack([0 * start, rng.normal(0, 1, (count, len(start)))]) * steps, -3, None)
