"""Normalised densities as RooFit finds them, and an extended likelihood. Needs a Python with ROOT.

    python root_densities.py IN.json OUT.json

IN: ``{"range": [low, high], "places": [...], "densities": {name: [factory expression, ...]}, "rows": [...]}``. The last of the
expressions, of RooWorkspace's factory, defines the density of `x` that is asked for.
"""

import json
import sys


def main(source, destination):
    import ROOT  # asked for when run, not where this file is only looked at

    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.ERROR)
    # numeric integrals (of RooVoigtian) as exact as RooFit can
    ROOT.RooAbsReal.defaultIntegratorConfig().setEpsAbs(1e-13)
    ROOT.RooAbsReal.defaultIntegratorConfig().setEpsRel(1e-13)
    with open(source, encoding="utf-8") as file:
        asked = json.load(file)
    low, high = asked["range"]
    found = {}
    for name, expressions in asked["densities"].items():
        space = ROOT.RooWorkspace(name)
        space.factory(f"x[{low},{high}]")
        for expression in expressions:
            made = space.factory(expression)
        x = space.var("x")
        together = ROOT.RooArgSet(x)
        values = []
        for place in asked["places"]:
            x.setVal(place)
            values.append(made.getVal(together))
        found[name] = {"values": values}
        if asked["rows"].get(name):
            data = ROOT.RooDataSet("data", "", together)
            for row in asked["rows"][name]:
                x.setVal(row)
                data.add(together)
            found[name]["nll"] = made.createNLL(data, ROOT.RooFit.Extended(True)).getVal()
    with open(destination, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
