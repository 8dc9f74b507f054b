"""What a gradient costs in units of the value, from ten to ten thousand parameters, and what differences would cost."""

import time

import numpy as np
from harness import pyplot
from side_by_side import time_text
from template_models import combination

SUMS = (10, 30, 100, 300, 1000, 3000, 10_000)
#: Channels, bins, own and shared nuisance parameters of binned models of about as many parameters.
BINNED = ((1, 5, 3, 2), (1, 15, 8, 6), (1, 50, 30, 19), (3, 50, 45, 14), (10, 50, 45, 49), (30, 50, 45, 149),
          (100, 50, 45, 500))  # fmt: skip
#: Of central differences so many are taken at most, and the time of the others is like theirs.
DIFFERENCES = 1000
AIM = 5


def sum_of_functions(n):
    """-ln L of n parameters that have nothing in common: Σ ln(1 + exp(a_i x_i)), with another a_i for each."""
    from hzdsl.ir.algebra import function, number, plus, times, total
    from hzdsl.ir.relaxed import relaxed
    from hzdsl.stats.compiled import Code, Evaluator, Graph
    from hzdsl.stats.lists import PARAMETERS, THETA, numbers

    a = numbers(PARAMETERS, "terms.a")
    term = function("log", plus(number(1), function("exp", times(a, THETA))))
    graph = Graph(relaxed(total(term, PARAMETERS)), tuple(f"x{k}" for k in range(n)), THETA)
    slopes = np.append(np.random.default_rng(1).uniform(0.5, 2.0, n), 0.0)
    return Evaluator(Code(graph), {a: slopes}, {PARAMETERS: np.array([n + 1])}), np.linspace(-1, 1, n)


def binned(channels, bins, local, shared):
    """A binned model, where fits begin."""
    from hzdsl.stats.templates.likelihood import TemplateLikelihood

    likelihood = TemplateLikelihood(combination(channels, bins=bins, local=local, shared=shared))
    return likelihood, likelihood.parameters.values


def measured(repeats, sums=SUMS, models=BINNED):
    """Return seconds of value, gradient and differences by number of parameters, for both kinds."""
    kinds = {"Σ g_i(x_i)": [(sum_of_functions, (n,)) for n in sums], "binned model": [(binned, s) for s in models]}
    return {kind: [_point(*make(*size), repeats) for make, size in sizes] for kind, sizes in kinds.items()}


def _point(likelihood, x, repeats):
    value, both = (lambda: likelihood.value(x)), (lambda: likelihood.value_and_gradient(x))
    slopes = both()[1]
    _check(likelihood, x, slopes)
    times = {"value": [], "value + gradient": []}
    for _ in range(20 * repeats):  # in turn
        for name, call in (("value", value), ("value + gradient", both)):
            times[name].append(_each(call))
    each = _differences(likelihood.value, x)
    found = {name: min(t) for name, t in times.items()}
    return {"parameters": len(x), **found, "value + differences": found["value"] + each * len(x)}


def _check(likelihood, x, slopes):
    """A few derivatives are what differences say."""
    for k in np.linspace(0, len(x) - 1, 5).astype(int):
        step = np.zeros(len(x))
        step[k] = 1e-4
        difference = (likelihood.value(x + step) - likelihood.value(x - step)) / 2e-4
        scale = max(1.0, abs(slopes[k]))
        if abs(difference - slopes[k]) > 1e-4 * scale:
            raise RuntimeError(f"derivative {k} of {len(x)}: {slopes[k]}, and by differences {difference}")


def _each(call, least=3e-4):
    """Seconds of one call, of as many as last `least`."""
    many, spent = 1, 0.0
    while True:
        start = time.perf_counter()
        for _ in range(many):
            call()
        spent = time.perf_counter() - start
        if spent >= least:
            return spent / many
        many = max(2 * many, int(many * least / max(spent, 1e-9)))


def _differences(value, x, step=1e-4):
    """Seconds per parameter of central differences, as one would write them: the least of ten by ten."""
    taken, least = min(len(x), DIFFERENCES), float("inf")
    for begin in range(0, taken, 10):
        some = range(begin, min(begin + 10, taken))
        start = time.perf_counter()
        for k in some:
            moved = x.copy()
            moved[k] += step
            above = value(moved)
            moved[k] -= 2 * step
            _ = (above - value(moved)) / (2 * step)
        least = min(least, (time.perf_counter() - start) / len(some))
    return least


def section(found):
    """Markdown."""
    lines = ["| | parameters | value | value + gradient | ratio | by differences | ratio |", "|---" * 7 + "|"]
    for kind, points in found.items():
        for p in points:
            value, both, apart = (p[k] for k in ("value", "value + gradient", "value + differences"))
            lines.append(
                f"| {kind} | {p['parameters']} | {time_text(value)} | {time_text(both)} | {both / value:.2f} "
                f"| {time_text(apart)} | {apart / value:.0f} |"
            )
    worst = max(p["value + gradient"] / p["value"] for points in found.values() for p in points)
    aim = f"At most {worst:.2f} times the value (aim: {AIM})."
    return "\n\n".join(["\n".join(lines), f"{aim} ![ratios](likelihoods.png)"])


def draw(found, path):
    """Draw the ratios against the number of parameters."""
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    for (kind, points), color, mark in zip(found.items(), ("C0", "C1"), ("o", "s"), strict=True):
        n = [p["parameters"] for p in points]
        gradient, apart = ([p[k] / p["value"] for p in points] for k in ("value + gradient", "value + differences"))
        axes.plot(n, gradient, color=color, marker=mark, label=f"{kind}: gradient in the graph")
        axes.plot(n, apart, color=color, marker=mark, ls="--", mfc="white", label=f"{kind}: central differences")
    axes.axhline(AIM, color="0.4", lw=1, ls=":")
    axes.annotate(
        f"aim: {AIM}",
        (1, AIM),
        xycoords=("axes fraction", "data"),
        xytext=(-4, 2),
        textcoords="offset points",
        color="0.4",
        va="bottom",
        ha="right",
    )
    axes.set(xscale="log", yscale="log", xlabel="parameters", ylabel="T(value + gradient) / T(value)")
    axes.set_ylim(bottom=0.8)
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=120)
