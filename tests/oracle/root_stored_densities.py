"""Run with ROOT: the values of normalised densities of a workspace, or of functions, as JSON.

python root_stored_densities.py FILE.root WORKSPACE OBSERVABLE POINTS.json OUT.json NAME …
"""

import json
import sys

import ROOT


def main(path, workspace, observable, points, out, *names):
    """Evaluate all of them at all points."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    file = ROOT.TFile.Open(path)
    w = file.Get(workspace)
    x = w.var(observable)
    measured = ROOT.RooArgSet(x)
    with open(points, encoding="utf-8") as source:
        places = json.load(source)
    found = {}
    for name in names:
        density = w.pdf(name)
        found[name] = []
        for place in places:
            x.setVal(place)
            found[name].append(density.getVal(measured) if density else w.function(name).getVal())
    with open(out, "w", encoding="utf-8") as target:
        json.dump(found, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
