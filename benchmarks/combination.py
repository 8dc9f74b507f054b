"""A combination of 10 001 parameters, from its tables to the covariance: hzdsl alone, others take too long."""

import resource
import sys
import time

import numpy as np
from side_by_side import time_text
from template_models import combination

#: No more than this is aimed at, in seconds, for all steps together.
AIM_S = 60


def steps(seed=3, **size):
    """Return seconds by step, and what was found: everything from nothing, with an empty cache of object code."""
    from hzdsl.stats.fits.fit import fit
    from hzdsl.stats.templates.likelihood import TemplateLikelihood

    model = combination(**size)
    watch = _Watch()
    likelihood = TemplateLikelihood(model)
    watch.step("tables")
    x = likelihood.parameters.values
    likelihood.value_and_gradient(x)
    likelihood.hessian_vector(x, x)
    likelihood.value(x)
    watch.step("compiling")
    rng = np.random.default_rng(seed)
    toy = likelihood.given(likelihood.toy(x, rng))
    off = x + likelihood.parameters.steps * rng.choice([-1.0, 1.0], len(x))
    begin = np.clip(off, likelihood.parameters.low, likelihood.parameters.high)
    watch.step("toy")
    result = fit(toy, start=begin)
    watch.step("fit with covariance")
    if result.covariance is None or not result.converged:
        raise RuntimeError(f"the fit of the combination failed: {result.status}")
    details = _details(toy, result)
    found = {
        "parameters": len(x),
        "mu": [result.value("mu"), result.error("mu")],
        "edm": result.edm,
        "calls": [result.calls.gradients, result.calls.hessians, result.calls.products],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    return {"steps": watch.seconds, "details": details, "found": found}


def _details(likelihood, result):
    """What single calls take."""
    from hzdsl.stats.fits.covariance import inverted

    x = result.values
    calls = {
        "value": lambda: likelihood.value(x),
        "value + gradient": lambda: likelihood.value_and_gradient(x),
        "Hessian times vector": lambda: likelihood.hessian_vector(x, x),
        "Hessian": lambda: likelihood.hessian(x),
    }
    found = {name: min(_once(call) for _ in range(1 if name == "Hessian" else 20)) for name, call in calls.items()}
    matrix = likelihood.hessian(x)
    return found | {"inverse of the Hessian": _once(lambda: inverted(matrix, np.zeros(len(x), bool)))}


def _once(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class _Watch:
    def __init__(self):
        self.seconds, self._last = {}, time.perf_counter()

    def step(self, name):
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now
        print(f"combination: {name} {time_text(self.seconds[name])}", file=sys.stderr)


def section(found):
    """Markdown."""
    total = sum(found["steps"].values())
    rows = [f"| {name} | {time_text(s)} |" for name, s in found["steps"].items()]
    rows += [f"| **all** (aim: {AIM_S} s) | **{time_text(total)}** |"]
    rows += [f"| one {name} | {time_text(s)} |" for name, s in found["details"].items()]
    f = found["found"]
    calls = "{} of value and gradient, {} of the Hessian, {} products with it".format(*f["calls"])
    said = (
        f"{f['parameters']} parameters; a random toy, every parameter started one step (σ of its constraint) off. "
        f"µ = {f['mu'][0]:.4f} ± {f['mu'][1]:.4f}, expected distance to the minimum {f['edm']:.1e}, calls: {calls}; "
        f"at most {f['peak_mb']:.0f} MB."
    )
    return "\n\n".join(["\n".join(["| | time |", "|---|---|", *rows]), said])
