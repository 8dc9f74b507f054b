"""Run with ROOT: the values of formulas.

python root_formulas.py IN.json OUT.json

IN is a list of [formula, value of uno, value of duo]; OUT a list of values, None where ROOT cannot compile a formula.
"""

import json
import math
import sys

import ROOT


def main(source, out):
    """Evaluate all of them."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    ROOT.gErrorIgnoreLevel = ROOT.kFatal
    with open(source, encoding="utf-8") as file:
        cases = json.load(file)
    a, b = (ROOT.RooRealVar(name, name, 1, -1e3, 1e3) for name in ("uno", "duo"))
    found = []
    for text, x, y in cases:
        a.setVal(x)
        b.setVal(y)
        try:
            found.append(plain(ROOT.RooFormulaVar("f", "f", text, ROOT.RooArgList(a, b), False).getVal()))
        except Exception:
            found.append(None)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(found, file)


def plain(x):
    """Return a number that JSON has; others by name."""
    return x if math.isfinite(x) else str(x)


if __name__ == "__main__":
    main(*sys.argv[1:])
