"""Binned models made up from seeds: HistFactory documents of one channel, and a large combination.

python template_models.py model.json [--bins 50] [--processes 8] [--nuisances 100] [--seed 7]
"""

import argparse
import json
from pathlib import Path

import numpy as np

#: The part of the nuisance parameters that change a given process, and of these the part that bend its shape.
ACTING, BENDING = 0.8, 0.35


def document(bins=50, processes=8, nuisances=100, seed=7):
    """A HistFactory document: a peak on falling backgrounds, rates and shapes that nuisance parameters change, and
    the statistics of the simulation of all processes but the signal."""
    rng = np.random.default_rng(seed)
    x = (np.arange(bins) + 0.5) / bins
    peak = np.exp(-0.5 * ((x - 0.45) / 0.06) ** 2)
    falling = [np.exp(-x * rng.uniform(1.0, 4.0)) for _ in range(processes - 1)]
    contents = [400 * peak / peak.sum(), *(rng.uniform(2000, 9000) * f / f.sum() for f in falling)]
    samples = [_sample(rng, f"p{k}", x, c, nuisances=nuisances, signal=k == 0) for k, c in enumerate(contents)]
    counts = rng.poisson(np.sum(contents, axis=0)).astype(float)
    return {
        "channels": [{"name": "ch", "samples": samples}],
        "observations": [{"name": "ch", "data": counts.tolist()}],
        "measurements": [{"name": "meas", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def _sample(rng, name, x, contents, *, nuisances, signal):
    found = [{"name": "mu", "type": "normfactor", "data": None}] if signal else []
    for k in np.flatnonzero(rng.random(nuisances) < ACTING):
        if rng.random() < BENDING:
            bend = 0.03 * rng.normal() * np.sin(x * rng.uniform(2, 15) + rng.uniform(0, 6))
            data = {"hi_data": (contents * (1 + bend)).tolist(), "lo_data": (contents * (1 - 0.9 * bend)).tolist()}
            found.append({"name": f"np{k}", "type": "histosys", "data": data})
        else:
            data = {"hi": 1 + rng.uniform(0.005, 0.05), "lo": 1 - rng.uniform(0.005, 0.05)}
            found.append({"name": f"np{k}", "type": "normsys", "data": data})
    if not signal:
        errors = 0.2 * np.sqrt(contents)
        found.append({"name": "staterr", "type": "staterror", "data": errors.tolist()})
    return {"name": name, "data": contents.tolist(), "modifiers": found}


def written(folder, **size):
    """Write a document, and return where."""
    path = Path(folder) / f"model{'x'.join(str(n) for n in size.values())}.json"
    path.write_text(json.dumps(document(**size)), encoding="utf-8")
    return path


def combination(channels=100, *, bins=50, processes=8, local=45, shared=500, seed=5):
    """A combination: one signal strength, nuisance parameters that channels share and their own, and one for each bin.

    With the numbers given here it has 10 001 parameters.
    """
    from hzdsl.stats.parameters import Normal, Parameter, Parameters
    from hzdsl.stats.templates.model import TemplateModel

    rng = np.random.default_rng(seed)
    common = [f"shared{k}" for k in range(shared)]
    parameters = [Parameter("mu", 1.0, 0.0, 10.0, interest=True)]
    parameters += [Parameter(name, 0.0, -5, 5, Normal()) for name in common]
    made = []
    for c in range(channels):
        own = [f"c{c}_{k}" for k in range(local)]
        errors = rng.uniform(0.02, 0.1, bins)
        gammas = [f"g{c}_{b}" for b in range(bins)]
        parameters += [Parameter(name, 0.0, -5, 5, Normal()) for name in own]
        parameters += [Parameter(n, 1.0, 1e-6, 10, Normal(1.0, e)) for n, e in zip(gammas, errors, strict=True)]
        made.append(_channel(rng, f"c{c}", bins, processes, common=common, own=own, gammas=gammas))
    return TemplateModel(tuple(made), Parameters(parameters))


def _channel(rng, name, bins, processes, *, common, own, gammas):
    from hzdsl.stats.templates.model import Channel, Factor, Gammas, Process

    b = np.arange(bins)
    contents = [rng.uniform(20, 200) * np.exp(-b / rng.uniform(10, 60)) for _ in range(processes)]
    found = []
    for k, h in enumerate(contents):
        norms, shapes = _effects(rng, h, common, own)
        factors = (Factor("mu"),) if k == 0 else ()
        found.append(Process(f"p{k}", h, norms=norms, shapes=shapes, factors=factors, gammas=(Gammas(tuple(gammas)),)))
    return Channel(name, tuple(found), rng.poisson(np.sum(contents, axis=0)).astype(float))


def _effects(rng, contents, common, own):
    """What nuisance parameters do to a process: two thirds of up to 37 change its rate, the others its shape."""
    from hzdsl.stats.templates.model import Norm, Shape

    names = [*rng.choice(common, min(12, len(common)), False), *rng.choice(own, min(25, len(own)), False)]
    rates, bending = names[: 2 * len(names) // 3], names[2 * len(names) // 3 :]
    norms = tuple(Norm(str(n), 1 + rng.uniform(0.01, 0.1), 1 - rng.uniform(0.01, 0.1), "code4") for n in rates)
    shapes = []
    for n in bending:
        change = contents * 0.03 * rng.normal() * np.sin(np.arange(len(contents)) / rng.uniform(3, 20))
        shapes.append(Shape(str(n), change, -change * rng.uniform(0.7, 1.2), "code4p"))
    return norms, tuple(shapes)


def main():
    """Write a document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    for name, value in (("bins", 50), ("processes", 8), ("nuisances", 100), ("seed", 7)):
        parser.add_argument(f"--{name}", type=int, default=value)
    o = parser.parse_args()
    o.path.write_text(json.dumps(document(o.bins, o.processes, o.nuisances, o.seed)), encoding="utf-8")


if __name__ == "__main__":
    main()
