"""Run with ROOT: write a workspace with functions that indices choose, and, for some strengths, what RooFit minimises.

python root_write_choices.py OUT.root OUT.json
"""

import json
import sys

import ROOT

NODES = """
m[100,150] width[2,0.1,10] Gaussian::sig(m,125,width)
Exponential::exp(m,c[-0.03,-1,0]) Bernstein::bern(m,{1,p1[0.5,0,10],p2[0.3,0,10]})
Bernstein::more(m,{1,q1[0.5,0,10],q2[0.4,0,10],q3[0.2,0,10]})
y[0,10] Gaussian::narrow(y,4,0.5) Exponential::fall(y,e[-0.2,-3,0]) Chebychev::line(y,{t1[-0.4,-1,1]})
multi_norm[300,0,5000] binned_norm[400,0,5000]
"""
STRENGTHS = (0.0, 1.0, 2.5)


def main(out: str, minima: str) -> None:
    """Write both files."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    ROOT.RooRandom.randomGenerator().SetSeed(1)
    w = ROOT.RooWorkspace("w")
    for text in NODES.split():
        if not w.factory(text):
            sys.exit(f"not made: {text}")
    w.var("width").setConstant(True)
    rows = w.factory("SUM::true(0.06*sig,exp)").generate(ROOT.RooArgSet(w.var("m")), 320)
    rows.SetName("rows")
    w.var("y").setBins(20)
    bins = w.factory("SUM::truth(0.05*narrow,fall)").generateBinned(ROOT.RooArgSet(w.var("y")), 420)
    bins.SetName("bins")
    stored = ROOT.RooWorkspace("w")
    put = getattr(stored, "import")
    for name in ("sig", "narrow"):
        put(w.pdf(name))
    for name, index, functions in (("multi", "index", ("exp", "bern", "more")), ("binned", "other", ("fall", "line"))):
        category = ROOT.RooCategory(index, f"function of {name}")
        made = ROOT.RooMultiPdf(name, "", category, ROOT.RooArgList(*map(w.pdf, functions)))
        if name == "binned":
            made.setCorrectionFactor(0.75)
        put(made, ROOT.RooFit.RecycleConflictNodes())
        put(w.var(f"{name}_norm"))
    put(rows)
    put(bins)
    stored.writeToFile(out)
    with open(minima, "w", encoding="utf-8") as file:
        json.dump(list(minima_of(stored)), file)


def minima_of(w):
    """Yield index, strength and the least -ln L of the rows, with the correction of the function."""
    w.factory("expr::nsig('@0*20',{r[1,-10,10]})")
    w.factory("SUM::model(nsig*sig,multi_norm*multi)")
    index, r = w.cat("index"), w.var("r")
    r.setConstant(True)
    for k in range(3):
        index.setIndex(k)
        index.setConstant(True)
        legacy = ROOT.RooFit.EvalBackend("legacy")  # the new one does not see the index change
        nll = w.pdf("model").createNLL(w.data("rows"), ROOT.RooFit.Extended(True), legacy)
        for strength in STRENGTHS:
            r.setVal(strength)
            minimizer = ROOT.RooMinimizer(nll)
            minimizer.setPrintLevel(-1)
            minimizer.setStrategy(2)
            minimizer.setEps(1e-6)
            minimizer.minimize("Minuit2", "migrad")
            yield k, strength, nll.getVal() + w.pdf("multi").getCorrection()


if __name__ == "__main__":
    main(*sys.argv[1:])
