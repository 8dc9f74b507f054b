"""Run with ROOT: say what workspaces hold, as JSON.

python root_read_workspaces.py OUT.json FILE.root:NAME …
"""

import json
import math
import re
import sys
from array import array

import ROOT


def main(out, *places):
    """Write what all of them hold; None of one that ROOT cannot read (it lacks a class)."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    ROOT.gErrorIgnoreLevel = ROOT.kFatal
    with open(out, "w", encoding="utf-8") as file:
        json.dump({place: workspace(*place.rsplit(":", 1)) for place in places}, file)


def workspace(path, name):
    """Return what one workspace holds."""
    file = ROOT.TFile.Open(path)
    w = file.Get(name)
    if not w:
        return None
    arguments = [a for a in w.components() if a]
    found = {
        "variables": {a.GetName(): variable(a) for a in arguments if isinstance(a, ROOT.RooRealVar)},
        "constants": {a.GetName(): a.getVal() for a in arguments if isinstance(a, ROOT.RooConstVar)},
        "categories": {a.GetName(): category(a) for a in arguments if isinstance(a, ROOT.RooCategory)},
        "functions": {a.GetName(): function(a) for a in arguments if not a.isFundamental()},
        "data": {d.GetName(): data(d) for d in w.allData()},
        "embedded": {d.GetName(): data(d) for d in w.allEmbeddedData()},
        "sets": {str(n): [a.GetName() for a in s] for n, s in w.sets()} if hasattr(w, "sets") else {},
        "snapshots": {s.GetName(): {a.GetName(): value(a) for a in s} for s in w.getSnapshots()},
    }
    file.Close()
    return found


def value(a):
    """Return the value of a variable, or the number of a state."""
    return a.getCurrentIndex() if isinstance(a, ROOT.RooCategory) else a.getVal()


def number(x):
    """Return a number that JSON has; infinities by name."""
    return x if math.isfinite(x) and abs(x) < 1e30 else ("inf" if x > 0 else "-inf")


def variable(v):
    """Return what a RooRealVar is."""
    names = [str(n) for n in v.getBinningNames() if str(n)]
    return {
        "title": v.GetTitle(),
        "value": v.getVal(),
        "range": [number(v.getMin()), number(v.getMax())],
        "edges": edges(v.getBinning()) if v.hasMin() and v.hasMax() else None,
        "constant": bool(v.isConstant()),
        "unit": v.getUnit(),
        "error": v.getError() if v.hasError(False) else None,
        "errors": [v.getAsymErrorLo(), v.getAsymErrorHi()] if v.hasAsymError(False) else None,
        "ranges": {n: edges(v.getBinning(n)) for n in names},
    }


def edges(binning):
    """Return the edges of a binning."""
    return [binning.binLow(i) for i in range(binning.numBins())] + [binning.binHigh(binning.numBins() - 1)]


def category(c):
    """Return the states of a RooCategory."""
    return {"index": c.getCurrentIndex(), "states": {str(n): i for n, i in c.states()}}


def function(f):
    """Return the class of a function and what it depends on directly."""
    made = {"type": f.ClassName(), "servers": sorted({s.GetName() for s in f.servers()})}
    if hasattr(f, "expression"):
        made["formula"] = re.sub(r"@(\d+)", r"x[\1]", str(f.expression()))  # ROOT does so when it evaluates
    return made


def data(d):
    """Return rows, or the contents of bins."""
    if isinstance(d, ROOT.RooDataHist):
        n = d.numEntries()
        rows = [d.get(i) for i in range(n)]
        return {
            "class": "RooDataHist",
            "weights": [d.weight(i) for i in range(n)],
            "squares": [d.weightSquared(i) for i in range(n)],
            "variables": {v.GetName(): edges(v.getBinning()) for v in d.get() if isinstance(v, ROOT.RooRealVar)},
            "rows": len(rows),
        }
    columns = {v.GetName(): array("d") for v in d.get()}
    weights = array("d")
    for i in range(d.numEntries()):
        for v in d.get(i):
            columns[v.GetName()].append(value(v))
        weights.append(d.weight())
    return {
        "class": "RooDataSet",
        "weights": list(weights),
        "weighted": bool(d.isWeighted()),
        "columns": {n: list(c) for n, c in columns.items()},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
