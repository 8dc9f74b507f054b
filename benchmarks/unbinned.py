"""An unbinned extended fit, double-sided Crystal Ball + exponential, nine free parameters, by everyone.

Each maker returns functions without arguments: the value of -ln L where the fit starts, with gradient, the second
derivatives, and the fit with covariance, always from the same start, which returns the fitted parameters.
"""

import math

import numpy as np
from minuit import minuit_fit
from side_by_side import Rival

LOW, HIGH = 105.0, 160.0
NAMES = ("signal", "background", "mean", "sigma", "alpha_low", "n_low", "alpha_high", "n_high", "slope")
TRUTH = np.array([0.2, 0.8, 125.0, 1.5, 1.3, 3.0, 1.5, 4.0, -0.03])  # the first two: parts of all events
START = np.array([0.18, 0.82, 125.2, 1.6, 1.2, 3.5, 1.6, 4.5, -0.028])
BOUNDS = [(0, 1e7), (0, 1e7), (120, 130), (0.5, 5), (0.5, 5), (1.01, 50), (0.5, 5), (1.01, 50), (-1, -1e-4)]


def rows(count, seed=1):
    """Random rows of the true model: the peak by rejection, the exponential by inversion."""
    rng = np.random.default_rng(seed)
    peak = int(rng.binomial(count, TRUTH[0]))
    found = np.empty(0)
    while len(found) < peak:
        x = rng.uniform(LOW, HIGH, 20 * peak)
        found = np.append(found, x[rng.random(len(x)) < np.exp(_exponent(np, x, TRUTH[2:8]))])
    slope = TRUTH[8]
    u = rng.random(count - peak)
    rest = LOW + np.log1p(u * math.expm1(slope * (HIGH - LOW))) / slope
    return rng.permutation(np.append(found[:peak], rest))


def start(data):
    """Where fits start, in numbers of events."""
    return np.where(np.arange(len(START)) < 2, len(data) * START, START)


# ---- the densities in NumPy and JAX --------------------------------------------------------------------------------


def _exponent(xp, x, shape):
    """Logarithm of the peak, which is 1 at its mean."""
    mean, sigma, alpha_low, n_low, alpha_high, n_high = shape
    t = (x - mean) / sigma
    low, high = xp.maximum(-t - alpha_low, 0.0), xp.maximum(t - alpha_high, 0.0)
    core = xp.clip(t, -alpha_low, alpha_high)
    tails = n_low * xp.log1p(alpha_low / n_low * low) + n_high * xp.log1p(alpha_high / n_high * high)
    return -0.5 * core * core - tails


def _tail(xp, alpha, n, end):
    """Integral of a tail from its seam to `end`, in units of the width."""
    b = n / alpha
    return xp.exp(-0.5 * alpha * alpha) * b / (n - 1) * (1 - (1 + (end - alpha) / b) ** (1 - n))


def _peak_mass(xp, erf, shape):
    mean, sigma, alpha_low, n_low, alpha_high, n_high = shape
    core = math.sqrt(math.pi / 2) * (erf(alpha_low / math.sqrt(2)) + erf(alpha_high / math.sqrt(2)))
    low, high = (mean - LOW) / sigma, (HIGH - mean) / sigma
    return sigma * (core + _tail(xp, alpha_low, n_low, low) + _tail(xp, alpha_high, n_high, high))


def _nll(xp, erf, data, p):
    """-ln L, with the term of the number of rows, up to its constant."""
    shape = [p[k] for k in range(2, 8)]
    mass = _peak_mass(xp, erf, shape)
    slope = p[8]
    width = HIGH - LOW
    peak = xp.exp(_exponent(xp, data, shape)) * (p[0] / mass)
    flat = xp.exp(slope * (data - LOW)) * (p[1] * slope / xp.expm1(slope * width))
    return p[0] + p[1] - xp.sum(xp.log(peak + flat))


def numpy(data):
    """NumPy, derivatives by MINUIT's differences."""
    p = start(data)

    def value(x):
        return float(_nll(np, math.erf, data, x))

    return {"value": lambda: value(p), "fit": lambda: minuit_fit(value, p, NAMES, BOUNDS)}


def jax(data):
    """JAX in double precision: compiled, differentiated; MINUIT is given gradient and second derivatives."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax.scipy.special import erf

    p, there = start(data), jnp.asarray(data)
    value, slopes, bends = (
        jax.jit(transform(lambda x: _nll(jnp, erf, there, x)))
        for transform in (lambda f: f, jax.value_and_grad, jax.hessian)
    )

    def gradient(x):
        v, g = slopes(x)
        return float(v), np.asarray(g)

    def hessian(x):
        return np.asarray(bends(x))

    return {
        "value": lambda: float(value(p)),
        "value + gradient": lambda: gradient(p),
        "Hessian": lambda: hessian(p),
        "fit": lambda: minuit_fit(lambda x: float(value(x)), p, NAMES, BOUNDS, both=gradient, hessian=hessian),
    }


# ---- packages ------------------------------------------------------------------------------------------------------


def hzdsl(data):
    """hzdsl: densities of the language, its own fit with covariance."""
    likelihood = our_likelihood(data)
    from hzdsl.stats.fits.fit import fit

    p = likelihood.parameters.values
    order = [likelihood.parameters.index(name) for name in NAMES]
    return {
        "value": lambda: likelihood.value(p),
        "value + gradient": lambda: likelihood.value_and_gradient(p),
        "Hessian": lambda: likelihood.hessian(p),
        "fit": lambda: fit(likelihood).values[order],
    }


def our_likelihood(data):
    """Return the likelihood."""
    import hzdsl as hz
    from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
    from hzdsl.stats.densities.part import UnbinnedLikelihood
    from hzdsl.stats.likelihood import Rows

    x = hz.observable("x", LOW, HIGH)
    bounded = zip(NAMES, start(data), BOUNDS, strict=True)
    p = {name: hz.parameter(name, float(value), bounds=bounds) for name, value, bounds in bounded}
    peak = hz.pdf.double_crystal_ball(
        x, p["mean"], p["sigma"],
        alpha_low=p["alpha_low"], n_low=p["n_low"], alpha_high=p["alpha_high"], n_high=p["n_high"],
    )  # fmt: skip
    both = hz.pdf.extended(signal=(p["signal"], peak), background=(p["background"], hz.pdf.exponential(x, p["slope"])))
    return UnbinnedLikelihood(UnbinnedModel((UnbinnedChannel("x", both),)), {"x": Rows({"x": data})})


def numba_stats(data):
    """iminuit's cost function with the densities of numba-stats; derivatives by MINUIT's differences."""
    from iminuit.cost import ExtendedUnbinnedNLL
    from numba_stats import crystalball_ex, truncexpon

    def density(x, s, b, mean, sigma, alpha_low, n_low, alpha_high, n_high, slope):  # noqa: PLR0917 (iminuit counts them)
        shape = (alpha_low, n_low, sigma, alpha_high, n_high, sigma, mean)
        ends = crystalball_ex.cdf(np.array([LOW, HIGH]), *shape)
        peak = crystalball_ex.pdf(x, *shape) / (ends[1] - ends[0])
        return s + b, s * peak + b * truncexpon.pdf(x, LOW, HIGH, LOW, -1 / slope)

    cost, p = ExtendedUnbinnedNLL(data, density), start(data)
    half = lambda x: 0.5 * cost(*x)  # noqa: E731 (the cost is -2 ln L)
    return {"value": lambda: half(p), "fit": lambda: minuit_fit(half, p, NAMES, BOUNDS)}


def roofit(data):
    """RooFit's vectorising backend `cpu`, MINUIT 2 and HESSE."""
    import ROOT

    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    x = ROOT.RooRealVar("x", "x", LOW, HIGH)
    p = start(data)
    v = [ROOT.RooRealVar(n, n, float(p[k]), *map(float, BOUNDS[k])) for k, n in enumerate(NAMES)]
    peak = ROOT.RooCrystalBall("peak", "", x, v[2], v[3], v[4], v[5], v[6], v[7])
    flat = ROOT.RooExponential("flat", "", x, v[8])
    model = ROOT.RooAddPdf("model", "", ROOT.RooArgList(peak, flat), ROOT.RooArgList(v[0], v[1]))
    there = ROOT.RooDataSet.from_numpy({"x": data}, [x])
    cpu = ROOT.RooFit.EvalBackend("cpu")
    nll = model.createNLL(there, cpu, ROOT.RooFit.Extended(True))

    def reset(shift=0.0):
        for variable, number in zip(v, p, strict=True):
            variable.setVal(float(number) * (1 + shift))

    turns = [0.0]

    def value():
        turns[0] = 1e-9 - turns[0]  # every parameter another: RooFit keeps what has not changed
        reset(turns[0])
        return nll.getVal()

    def fit():
        reset()
        minimizer = ROOT.RooMinimizer(nll)
        minimizer.setPrintLevel(-1)
        minimizer.setStrategy(1)
        minimizer.minimize("Minuit2", "migrad")
        minimizer.hesse()
        return np.array([variable.getVal() for variable in v])

    return {"value": value, "fit": fit, "kept": lambda: (x, peak, flat, model, there)}


def zfit(data):
    """zfit, which stands on TensorFlow, where it is installed."""
    import zfit

    x, p = zfit.Space("x", LOW, HIGH), start(data)
    v = [zfit.Parameter(n, float(p[k]), *map(float, BOUNDS[k])) for k, n in enumerate(NAMES)]
    peak = zfit.pdf.DoubleCB(mu=v[2], sigma=v[3], alphal=v[4], nl=v[5], alphar=v[6], nr=v[7], obs=x, extended=v[0])
    flat = zfit.pdf.Exponential(v[8], obs=x, extended=v[1])
    there = zfit.Data.from_numpy(obs=x, array=data)
    nll = zfit.loss.ExtendedUnbinnedNLL(model=zfit.pdf.SumPDF([peak, flat]), data=there)

    def fit():
        zfit.param.set_values(v, p)
        result = zfit.minimize.Minuit().minimize(nll)
        result.hesse()
        return np.array([float(variable.value()) for variable in v])

    return {
        "value": lambda: float(nll.value()),
        "value + gradient": lambda: nll.value_gradient(v),
        "fit": fit,
    }


def rivals(data):
    """Return everyone."""
    return [
        Rival("hzdsl", lambda: hzdsl(data)),
        Rival("JAX", lambda: jax(data), "jax"),
        Rival("NumPy", lambda: numpy(data), "numpy"),
        Rival("iminuit.cost + numba-stats", lambda: numba_stats(data), "numba-stats"),
        Rival("RooFit (cpu)", lambda: roofit(data), "ROOT"),
        Rival("zfit", lambda: zfit(data), "zfit"),
    ]
