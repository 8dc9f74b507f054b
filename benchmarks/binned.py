"""A binned fit of a HistFactory document by everyone: value, gradient, second derivatives, fit, impacts, toys.

Interpolation is code 4 of rates and code 4p of shapes, statistics of the simulation have a parameter per bin.
"""

import json

import numpy as np
from minuit import minuit_fit
from side_by_side import Rival

INTERPOLATION = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}


def hzdsl(path, toys=1000, impacts=100):
    """hzdsl, from the document: its own fit with covariance, impacts by profiling, best fits of toys as in tests."""
    from hzdsl.stats import histfactory
    from hzdsl.stats.fits.fit import fit
    from hzdsl.stats.methods.impacts import impacts as found_impacts
    from hzdsl.stats.methods.statistics import quick
    from hzdsl.stats.methods.toys import How, thrown
    from hzdsl.stats.templates.likelihood import TemplateLikelihood

    likelihood = TemplateLikelihood(histfactory.read(path))
    p, place = likelihood.parameters.values, likelihood.parameters.index("mu")
    names = [n for n in likelihood.parameters.names if n.startswith("np")][:impacts]

    def all_toys():
        def one(toy, origin):
            return quick(toy, origin.x, information=origin.information).x[place]

        return thrown(likelihood, p, one, How(toys=toys, seed=1)).array

    return {
        "value": lambda: likelihood.value(p),
        "value + gradient": lambda: likelihood.value_and_gradient(p),
        "Hessian": lambda: likelihood.hessian(p),
        "fit": lambda: _strength(fit(likelihood)),
        f"{len(names)} impacts": lambda: found_impacts(likelihood, "mu", names=names, result=fit(likelihood)),
        f"{toys} toys": all_toys,
    }


def _strength(result):
    return result.value("mu"), result.error("mu")


def pyhf(path, backend):
    """pyhf with MINUIT; with JAX its gradient is exact."""
    import pyhf

    if backend == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
    use = _backend(pyhf, backend)
    use()
    workspace = pyhf.Workspace(json.loads(path.read_text(encoding="utf-8")))
    model = workspace.model(modifier_settings=INTERPOLATION)
    data = workspace.data(model)
    p = pyhf.tensorlib.astensor(model.config.suggested_init())

    logarithm = jax.jit(lambda x: model.logpdf(x, data)) if backend == "jax" else lambda x: model.logpdf(x, data)
    slopes = jax.jit(jax.value_and_grad(lambda x: -model.logpdf(x, data)[0])) if backend == "jax" else None

    def value():
        return -float(np.asarray(logarithm(p)).ravel()[0])

    def gradient():
        found = slopes(p)
        return float(found[0]), np.asarray(found[1])

    def fit():
        found = pyhf.infer.mle.fit(data, model, return_uncertainties=True)
        return tuple(np.asarray(found)[model.config.poi_index])

    def prepare():
        """Make the backend the present one, and look at its tables once: they were made anew."""
        if use():
            value()
            if slopes is not None:
                gradient()

    calls = {"value": value, "fit": fit, "prepare": prepare}
    return calls | ({"value + gradient": gradient} if slopes is not None else {})


def _backend(pyhf, name):
    """Return a function that makes a backend of pyhf, which knows one at a time, the present one."""
    backend = pyhf.tensor.jax_backend(precision="64b") if name == "jax" else pyhf.tensor.numpy_backend(precision="64b")
    optimizer = pyhf.optimize.minuit_optimizer()

    def use():
        if pyhf.tensorlib.name == backend.name:
            return False
        pyhf.set_backend(backend, optimizer)
        return True

    pyhf.set_backend(backend, optimizer)
    return use


# ---- JAX, vectorised by hand ---------------------------------------------------------------------------------------


def _arrays(document):
    """Tables of a document of one channel: what each nuisance parameter does to each process, 1 or 0 where nothing."""
    (channel,) = document["channels"]
    samples = channel["samples"]
    names = sorted({m["name"] for s in samples for m in s["modifiers"] if m["type"] in ("normsys", "histosys")})
    at = {name: k for k, name in enumerate(names)}
    bins, (n, k) = len(samples[0]["data"]), (len(samples), len(names))
    nominal = np.array([s["data"] for s in samples])
    up, down = np.ones((n, k)), np.ones((n, k))
    high, low = np.zeros((n, k, bins)), np.zeros((n, k, bins))
    signal, stat = np.zeros(n), np.zeros((n, bins))
    for i, s in enumerate(samples):
        for m in s["modifiers"]:
            data, j = m["data"], at.get(m["name"])
            if m["type"] == "normsys":
                up[i, j], down[i, j] = data["hi"], data["lo"]
            elif m["type"] == "histosys":
                high[i, j], low[i, j] = data["hi_data"] - nominal[i], data["lo_data"] - nominal[i]
            elif m["type"] == "normfactor":
                signal[i] = 1
            elif m["type"] == "staterror":
                stat[i] = data
    simulated = stat.any(axis=1)
    relative = np.sqrt((stat**2).sum(axis=0)) / nominal[simulated].sum(axis=0)
    counts = np.array(document["observations"][0]["data"])
    return nominal, up, down, high, low, signal, simulated, relative, counts


def _code4(up, down):
    """Coefficients a1 … a6 of the polynomial within ±1, shape (6, …)."""
    k = np.arange(1, 7)
    s = (-1.0) ** k
    matrix = np.array([k**0.0, s, 1.0 * k, -s * k, k * (k - 1.0), s * k * (k - 1)])
    u, d = np.log(up), np.log(down)
    wanted = np.array([up - 1, down - 1, up * u, -down * d, up * u * u, down * d * d])
    return np.einsum("ij,j...->i...", np.linalg.inv(matrix), wanted)


def by_hand(path):
    """JAX as one would write it for this document: whole arrays, exact gradient and second derivatives for MINUIT."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax.scipy.special import gammaln

    nominal, up, down, high, low, signal, simulated, relative, counts = _arrays(json.loads(path.read_text("utf-8")))
    a = _code4(up, down)
    nuisances, bins = up.shape[1], len(counts)
    log_up, log_down, odd, even = np.log(up), np.log(down), 0.5 * (high - low), 0.5 * (high + low)

    def nll(p):
        mu, alpha, gamma = p[0], p[1 : 1 + nuisances], p[1 + nuisances :]
        inside = 1 + sum(a[k] * alpha ** (k + 1) for k in range(6))
        beyond = jnp.exp(jnp.where(alpha > 0, alpha * log_up, -alpha * log_down))
        rates = jnp.prod(jnp.where(jnp.abs(alpha) < 1, inside, beyond), axis=1) * jnp.where(signal > 0, mu, 1.0)
        smooth = 0.125 * alpha**2 * (alpha**2 * (3 * alpha**2 - 10) + 15)
        bent = jnp.where(jnp.abs(alpha) < 1, smooth, jnp.abs(alpha))
        shapes = nominal + jnp.einsum("pkb,k->pb", odd, alpha) + jnp.einsum("pkb,k->pb", even, bent)
        mean = jnp.sum(rates[:, None] * shapes * jnp.where(simulated[:, None], gamma, 1.0), axis=0)
        poisson = mean - counts * jnp.log(mean) + gammaln(counts + 1)
        constants = 0.5 * np.log(2 * np.pi) * (nuisances + bins) + np.sum(np.log(relative))
        constraints = 0.5 * jnp.sum(alpha**2) + 0.5 * jnp.sum(((gamma - 1) / relative) ** 2)
        return jnp.sum(poisson) + constraints + constants

    p = np.concatenate([[1.0], np.zeros(nuisances), np.ones(bins)])
    names = ["mu", *(f"np{k}" for k in range(nuisances)), *(f"gamma{k}" for k in range(bins))]
    bounds = [(0, 10), *[(-5, 5)] * nuisances, *[(1e-10, 10)] * bins]
    value, slopes, bends = jax.jit(nll), jax.jit(jax.value_and_grad(nll)), jax.jit(jax.hessian(nll))

    def gradient(x):
        v, g = slopes(x)
        return float(v), np.asarray(g)

    def hessian(x):
        return np.asarray(bends(x))

    def fit():
        found = minuit_fit(lambda x: float(value(x)), p, names, bounds, both=gradient, hessian=hessian)
        return found[0], np.sqrt(np.linalg.inv(hessian(found))[0, 0])

    return {
        "value": lambda: float(value(p)),
        "value + gradient": lambda: gradient(p),
        "Hessian": lambda: hessian(p),
        "fit": fit,
    }


def rivals(path, toys, impacts):
    """Return everyone."""
    return [
        Rival("hzdsl", lambda: hzdsl(path, toys, impacts)),
        Rival("JAX by hand", lambda: by_hand(path), "jax"),
        Rival("pyhf, JAX", lambda: pyhf(path, "jax"), "pyhf"),
        Rival("pyhf, NumPy", lambda: pyhf(path, "numpy"), "pyhf"),
    ]
