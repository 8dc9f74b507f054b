"""Likelihoods: fits of events and of bins by everyone, a large combination, and what gradients cost.

    python likelihoods.py [--parts unbinned binned combination gradients] [--repeats 9] [--model MODEL.json]

Each part runs in a process of its own, those with opponents on one core, functions in turn, the least of many short
repeats. Without --model the binned one is ../shared/data/stats/own/model50x8x100.json, or, where that is missing, one
of the same kind from template_models.py. Writes results/likelihoods.md, likelihoods.json and likelihoods.png.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import harness
from harness import REPOSITORY, machine, page, save, where
from side_by_side import Measured, Rival, compared, one_core, table, time_text, versions

PACKAGES = ("numpy", "scipy", "iminuit", "llvmlite")
SHARED = REPOSITORY.parent / "shared" / "data" / "stats" / "own" / "model50x8x100.json"
FIRST_CALLS = ("value", "value + gradient", "Hessian")
#: Signal strengths of different minimisers agree to this part of their errors,
AGREE = 0.05
#: and minima of -ln L to this.
SHALLOW = 0.05


# ---- parts: each returns its section and its numbers ----------------------------------------------------------------


def unbinned(options):
    """Part (a)."""
    one_core()
    import unbinned as u

    data = u.rows(options.events)
    tasks = [*FIRST_CALLS, "fit"]
    found = compared(_chosen(u.rivals(data), options), tasks, options.repeats, cold=FIRST_CALLS)
    said = (
        f"Double-sided Crystal Ball + exponential, {options.events:,} events, nine free parameters, two of them the "
        "numbers of events; one core. Fit: MIGRAD, or what the package has, with covariance, warm. Cold: importing, "
        "building, compiling, one call of each function. In parentheses the ratio to hzdsl."
    )
    depths = _depths(u, data, found)
    odd = [f"{name} ended {d:.2g} above the least -ln L" for name, d in depths.items() if d > SHALLOW]
    section, document = _section(said, found, tasks, odd)
    ends = ", ".join(f"{name} {d:.1g}" for name, d in depths.items())
    return f"{section}\n\n-ln L where fits ended, above the least of them: {ends}.", document | {"above_least": depths}


def _depths(u, data, found):
    """Return by how much -ln L, ours, is above the least of all where each fit ended."""
    import numpy as np

    likelihood = u.our_likelihood(data)
    places = [likelihood.parameters.index(n) for n in u.NAMES]
    ends = {}
    for m in found:
        if "fit" in m.answers:
            x = np.empty(len(places))
            x[places] = m.answers["fit"]
            ends[m.name] = likelihood.value(x)
    return {name: value - min(ends.values()) for name, value in ends.items()}


def binned(options):
    """Part (b)."""
    one_core()
    import binned as b
    import template_models

    with tempfile.TemporaryDirectory() as folder:
        path = options.model or (SHARED if SHARED.exists() else None)
        path = path or template_models.written(folder, bins=50, processes=8, nuisances=100)
        many = [f"{options.impacts} impacts", f"{options.toys} toys"]
        tasks = [*FIRST_CALLS, "fit"]
        chosen = _chosen(b.rivals(path, options.toys, options.impacts), options)
        found = compared(chosen, [*tasks, *many], options.repeats, cold=FIRST_CALLS)
        growth = _compiling(Path(folder))
    said = f"{path.name}: 50 bins, 8 processes, 100 nuisance parameters, one per bin for statistics; one core."
    lines = [f"| hzdsl | {' | '.join(many)} | ", "|---" * 3 + "|"]
    lines += [f"| one thread | {' | '.join(time_text(m.least(t)) for t in many)} |" for m in found if m.name == "hzdsl"]
    fits = {m.name: m.answers["fit"] for m in found if "fit" in m.answers}
    first = next(iter(fits.values()), None)
    odd = [f"{n}: µ = {mu}" for n, (mu, _) in fits.items() if abs(mu - first[0]) > AGREE * first[1]]
    section, data = _section(said, found, tasks, odd)
    return f"{section}\n\n" + "\n".join(lines) + f"\n\n{growth[0]}", data | {"compiling": growth[1]}


def _compiling(folder):
    """Seconds of compiling value with gradient, for several numbers of nuisance parameters, without a cache."""
    import template_models

    sizes, rows = (10, 100, 1000), []
    for n in sizes:
        path = template_models.written(folder, bins=50, processes=8, nuisances=n)
        rows.append({"nuisances": n, **_cold(path, folder / f"cache{n}")})
    names = [k for k in rows[0] if k != "nuisances"]
    lines = [f"| compiling, nuisances | {' | '.join(names)} |", "|---" * (1 + len(names)) + "|"]
    lines += [f"| {r['nuisances']} | {' | '.join(time_text(r[k]) for k in names)} |" for r in rows]
    return "\n".join(lines), rows


def _cold(path, cache):
    """What each step takes with an empty cache of object code."""
    from hzdsl.stats import histfactory
    from hzdsl.stats.templates.likelihood import TemplateLikelihood

    model, found = histfactory.read(path), {}
    before = os.environ.get("HZDSL_CACHE")
    os.environ["HZDSL_CACHE"] = str(cache)
    try:
        start = time.perf_counter()
        likelihood = TemplateLikelihood(model)
        x = likelihood.parameters.values
        for name, call in (
            ("tables and graph", lambda: None),
            ("value", lambda: likelihood.value(x)),
            ("value + gradient", lambda: likelihood.value_and_gradient(x)),
            ("Hessian times vector", lambda: likelihood.hessian_vector(x, x)),
        ):
            call()
            now = time.perf_counter()
            found[name], start = now - start, now
    finally:
        del os.environ["HZDSL_CACHE"]
        if before is not None:
            os.environ["HZDSL_CACHE"] = before
    return found


def combination(options):
    """Part (c)."""
    import combination as c

    size = {"channels": options.channels}
    found = c.steps(**size)
    return c.section(found), found


def gradients(options):
    """Part (d)."""
    one_core()
    import gradients as g

    found = g.measured(options.repeats, models=g.BINNED[: options.sizes], sums=g.SUMS[: options.sizes])
    g.draw(found, options.output / "likelihoods.png")
    return g.section(found), found


def _chosen(rivals: list[Rival], options):
    return [r for r in rivals if not options.only or r.name in options.only]


def _section(said, found: list[Measured], tasks, differing):
    lines = [said, table(found, tasks, "hzdsl"), f"Versions: {versions(found)}."]
    lines += [f"{m.name}, {task}: {why}." for m in found for task, why in m.failures.items()]
    if differing:
        lines.append(f"**Differing minima**: {'; '.join(differing)}.")
        print(lines[-1], file=sys.stderr)
    document = {"rivals": [m.as_data() for m in found], "differing": differing}
    return "\n\n".join(lines), document


PARTS = {
    "unbinned": ("Events: an unbinned extended fit", unbinned),
    "binned": ("Bins: a HistFactory document", binned),
    "combination": ("A combination of 10⁴ parameters", combination),
    "gradients": ("Gradients in units of the value", gradients),
}


# ---- the page ------------------------------------------------------------------------------------------------------


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    harness.add_arguments(parser, repeats=9)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--events", type=int, default=100_000, help="of the unbinned fit")
    parser.add_argument("--model", type=Path, help="a HistFactory document of one channel")
    parser.add_argument("--impacts", type=int, default=100)
    parser.add_argument("--toys", type=int, default=1000)
    parser.add_argument("--channels", type=int, default=100, help="of the combination")
    parser.add_argument("--sizes", type=int, default=7, help="how many points of the gradients' curve")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def part_of(name, folder):
    """Run a part in a process of its own, with an empty cache of object code, and return its section and numbers."""
    answer = folder / f"{name}.json"
    environment = harness.INHERITED | {"HZDSL_CACHE": str(folder / f"cache-{name}")}
    command = [sys.executable, __file__, *sys.argv[1:], "--child", f"{name}={answer}"]
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode != 0 or not answer.exists():
        return f"failed: exit status {done.returncode}", {"failed": done.returncode}
    return json.loads(answer.read_text(encoding="utf-8"))


def main():
    """Run the parts and write the page."""
    options = parse()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.child:
        name, _, path = options.child.partition("=")
        Path(path).write_text(json.dumps(PARTS[name][1](options)), encoding="utf-8")
        return 0
    info = machine(PACKAGES)  # before the load is ours
    sections, data = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts:
            text, data[name] = part_of(name, Path(folder))
            sections += [f"## {PARTS[name][0]}", text]
    save("likelihoods", page("Likelihoods", *sections, where(info)), {"machine": info, **data}, options.output)
    return int(any("failed" in d or d.get("differing") or _failures(d) for d in data.values()))


def _failures(data):
    return any(rival["failures"] for rival in data.get("rivals", []))


if __name__ == "__main__":
    sys.exit(main())
