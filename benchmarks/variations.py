"""What systematic variations cost: a Z → µµ analysis with 50 variations of its weight, or with 10 of the muons' pt.

    python variations.py [--events 2000000] [--repeats 3]

Whole processes on a file, and the kernel alone on the same events in memory. All must have the same nominal result.
`python variations.py one nominal|weights|scales FILE.root` is such a process. Writes results/variations.md and .json.
"""

import argparse
import json
import sys

import harness
import make_events
from harness import Contestant

PACKAGES = ("numpy", "uproot", "llvmlite")
#: Name → variations of the weight (in pairs), and of pt (in pairs).
KINDS = {"nominal": (0, 0), "weights": (25, 0), "scales": (0, 5)}
NAMES = {"nominal": "nominal", "weights": "50 variations of the weight", "scales": "10 variations of pt"}


def analysis(kind):
    """Z → µµ: the muons' scale, a weight per muon for its efficiency, two histograms."""
    import hzdsl as hz
    from hzdsl import GeV

    weights, scales = KINDS[kind]
    ev, ana = hz.events("nanoaod"), hz.Analysis(f"dimuon_{kind}")
    pt = ev.Muon.pt
    for i in range(scales):  # of a region of the detector each, an alternative of their own
        size = 0.002 * (i + 1) * (1 + abs(ev.Muon.eta) / 2.4)
        pt = hz.vary(pt, **{f"scale{i}": (ev.Muon.pt * (1 + size), ev.Muon.pt * (1 - size))})
    mu = ev.Muon.assign(pt=pt)
    good = mu[(mu.pt > 20 * GeV) & (abs(mu.eta) < 2.4)]
    z = hz.pair(good).opposite_charge().nearest(91.2)
    spread = hz.sum(abs(good.eta))
    nominal = weight = hz.prod(0.98 - 0.01 * abs(good.eta))
    for i in range(weights):
        size = 0.001 * (i + 1) * (1 + spread)
        weight = hz.vary(weight, **{f"efficiency{i}": (nominal * (1 + size), nominal * (1 - size))})
    ana.weight("efficiency", weight)
    region = ana.region("z", hz.count(good) >= 2, z.mass.between(60 * GeV, 120 * GeV))
    ana.histogram("mass", z.mass, bins=60, range=(60, 120), region=region)
    ana.histogram("pt", z.pt, bins=50, range=(0, 200), region=region)
    return ana


def one(kind, path):
    """A run, and what it found."""
    result = analysis(kind).run(path, threads=1)
    mass = result["z/mass"]
    if (found := sum(map(len, mass.variations.values()))) != 2 * sum(KINDS[kind]):
        sys.exit(f"{found} variations of the mass")
    print(json.dumps({"values": [float(x) for x in mass.values]}))


def answer(text):
    """The nominal histogram."""
    return json.loads(text)["values"]


def kernels(repeats, events):
    """Least processor time of the kernel of each kind on events in memory."""
    from kernel_cases import bound, leptons
    from kernels import compiled, least

    found = {}
    for kind in KINDS:
        program = bound(analysis(kind))
        cold, cached, kernel = compiled(program, 1)
        chunk = leptons(events)(program)
        seconds, _ = least(repeats, lambda kernel=kernel, chunk=chunk: kernel.run(chunk, {}))
        found[kind] = {"cold_s": cold, "cached_s": cached, "s_per_event": seconds / events}
    return found


def kernel_table(found):
    """Markdown of the kernels."""
    lines = ["| kernel alone | ns/event | ratio to nominal | compiled ms | cached ms |", "|---|---|---|---|---|"]
    for kind, k in found.items():
        ratio = k["s_per_event"] / found["nominal"]["s_per_event"]
        compiling = f"{1e3 * k['cold_s']:.0f} | {1e3 * k['cached_s']:.1f}"
        lines.append(f"| {NAMES[kind]} | {1e9 * k['s_per_event']:.0f} | {ratio:.2f} | {compiling} |")
    return "\n".join(lines)


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    make_events.add_arguments(parser)
    harness.add_arguments(parser)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a run failed or the nominal results differ."""
    options = parse()
    path = make_events.ensure_events(options.folder, options.events, options.basket, options.seed)
    harness.cached(path)
    info = harness.machine(PACKAGES)  # before the load is ours
    rivals = [Contestant(NAMES[k], [sys.executable, __file__, "one", k, str(path)], answer) for k in KINDS]
    runs = harness.race(harness.chosen(rivals, options), options.repeats, warm_up=1)
    alone = kernels(options.repeats, min(options.events, 200_000))
    setup = (
        f"Z → µµ on {options.events:,} events ({options.basket:,} per basket, zlib), one thread: whole processes, "
        f"object code kept, median of {options.repeats}; the kernel on as many events in memory as are in a chunk, "
        "processor time, the least."
    )
    tables = [harness.table(runs, NAMES["nominal"]), kernel_table(alone)]
    text = harness.page("Variations", setup, *tables, harness.where(info))
    document = {"machine": info, "results": [r.as_data() for r in runs], "kernels": alone}
    harness.save("variations", text, document, options.output)
    return harness.status(runs)


if __name__ == "__main__":
    sys.exit(one(*sys.argv[2:]) if sys.argv[1:2] == ["one"] else main())
