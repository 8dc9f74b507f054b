"""Run with ROOT: write a workspace that has every class which a CMS analysis of H→γγ or H→ZZ→4l would use.

python root_write_workspace.py OUT.root
"""

import sys

import ROOT

NODES = """
m[125,100,180] y[0.1,-3,3] r[1,0,20] shift[0.2,-1,1] mean[125,120,130] sigma[1.5,0.1,10] sigma2[2.5,0.1,10]
a[-0.03,-1,0] alpha[1.3,0.1,10] n[3,0.5,20] alpha2[1.7,0.1,10] n2[2,0.5,20] f1[0.3,0,1] f2[0.4,0,1] c0[1,0,10] c1[0.4,0,10]
c2[0.7,0,10] ns[20,0,1000] nb[400,0,10000] gamma[1,0,10] tau[20,1,100] k[1.2,0,3] p[-2.5,-10,0]
cat[one=1,two=5] other[low=0,high=1]
expr::moved("@0*(1+0.01*@1)+pow(@1,2)",mean,shift)
prod::nsig(r,ns) sum::total(nsig,nb)
Gaussian::gauss(m,moved,sigma) Gaussian::narrow(m,mean,sigma2) Gaussian::constraint(shift,0,1)
CBShape::cb(m,mean,sigma,alpha,n) CrystalBall::dcb(m,mean,sigma,sigma2,alpha,n,alpha2,n2)
Exponential::expo(m,a) Polynomial::poly(m,{c1,c2}) Bernstein::bern(m,{c0,c1,c2}) Chebychev::cheb(m,{c1,c2})
Landau::landau(m,mean,sigma) Voigtian::voigt(m,mean,gamma,sigma) BreitWigner::bw(m,mean,gamma)
BifurGauss::bifur(m,mean,sigma,sigma2) Lognormal::logn(k,1,1.1) Poisson::pois(nb,ns) ArgusBG::argus(m,190,a)
Novosibirsk::novo(m,mean,sigma,a) Uniform::flat(m) Johnson::john(m,mean,sigma,gamma,k) DstD0BG::dstd(m,mean,k,a,gamma)
EXPR::generic("exp(a*m)*(m>110 ? 1 : 0.5)",m,a) GenericPdf::power("pow(@0,@1)",{m,p})
SUM::two(f1*gauss,expo) RSUM::three(f1*gauss,f2*narrow,expo) SUM::extended(nsig*gauss,nb*expo)
PROD::product(gauss,constraint) ExtendPdf::ext(bern,nb) Gamma::gam(m,n,k,mean)
SIMUL::both(cat,one=extended,two=ext) FCONV::convoluted(m,bw,narrow)
PowerSum::powers(m,{c0},{p}) PolyVar::line(m,{c1,c2}) RealSumPdf::sum_of_functions({line,moved},{c1,c2},1)
"""


def main(out: str) -> None:
    """Write the file."""
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.ERROR)
    w = ROOT.RooWorkspace("w", "all that there is")
    for line in NODES.strip().splitlines():
        for text in pieces(line):
            if not w.factory(text):
                sys.exit(f"not made: {text}")
    fill(w)
    w.writeToFile(out)
    with ROOT.TFile(out, "UPDATE") as file:
        for name in ("plain", "binned", "treed"):
            file.WriteTObject(w.data(name), f"{name}_alone")
        file.WriteTObject(linked(w), "linked")
        file.WriteTObject(small(), "small")


def small():
    """Return a workspace with one density and little data."""
    w = ROOT.RooWorkspace("small", "a little")
    w.factory("Gaussian::gauss(x[0,-5,5],mean[0.5,-1,1],1)")
    data = ROOT.RooDataSet("data", "three rows", ROOT.RooArgSet(w.var("x")))
    for value in (-1.5, 0.25, 2.0):
        w.var("x").setVal(value)
        data.add(ROOT.RooArgSet(w.var("x")))
    getattr(w, "import")(data)
    return w


def linked(w):
    """Return a data set whose rows stay in two others."""
    fit, columns = ROOT.RooFit, ROOT.RooArgSet(w.var("m"), w.var("y"))
    parts = fit.Link("one", w.data("errors")), fit.Link("two", w.data("heavy"))
    return ROOT.RooDataSet("linked", "of two", columns, fit.Index(w.cat("cat")), *parts)


def pieces(line):
    """Split at blanks outside of brackets and quotes."""
    depth, quoted, found = 0, False, [""]
    for c in line:
        quoted ^= c == '"'
        depth += (c in "([{") - (c in ")]}")
        if c == " " and not depth and not quoted:
            found.append("")
        else:
            found[-1] += c
    return [f for f in found if f]


def fill(w):
    """Add data, histograms, functions of histograms, sets and snapshots."""
    m, y, cat = w.var("m"), w.var("y"), w.cat("cat")
    describe(w, m, y)
    put = getattr(w, "import")
    for data in tables(m, y, cat):
        put(data)
    histogram = ROOT.RooDataHist("shape", "of a template", ROOT.RooArgSet(m), w.data("plain"))
    put(ROOT.RooHistPdf("template", "a template", ROOT.RooArgSet(w.var("m")), histogram))
    put(ROOT.RooHistFunc("step", "a step", ROOT.RooArgSet(w.var("m")), histogram, 1))
    for made in others(w, histogram):
        put(made)
    bounded = ROOT.RooRealVar("bounded", "between functions", 1, -5, 5)
    bounded.setRange(w.var("shift"), w.function("moved"))
    put(bounded)
    w.defineSet("poi", "r")
    w.defineSet("nuisances", "shift,k")
    w.saveSnapshot("start", ROOT.RooArgSet(w.var("r"), w.var("shift")), True)
    w.var("r").setVal(3)
    w.saveSnapshot("moved", "r")


def others(w, histogram):
    """Yield functions that the factory does not make, HistFactory's among them."""
    m, shift = w.var("m"), w.var("shift")
    covariance, centre = ROOT.TMatrixDSym(2), ROOT.TVectorD(2)
    for i, j, value in ((0, 0, 1.0), (1, 1, 2.0), (0, 1, 0.3), (1, 0, 0.3)):
        covariance[i][j] = value
    both, vector = ROOT.RooArgList(shift, w.var("k")), ROOT.std.vector["double"]
    yield ROOT.RooMultiVarGaussian("multi", "of two", both, centre, covariance)
    yield ROOT.RooKeysPdf("kernels", "of rows", m, w.data("plain"))
    knots = vector([100, 120, 140, 180]), vector([1, 2, 3, 2])
    yield ROOT.RooSpline("spline", "of four", m, *knots, 3)
    steps = [ROOT.RooHistFunc(n, n, ROOT.RooArgSet(m), histogram) for n in ("nominal", "low", "high")]
    parameters = ROOT.RooArgList(shift)
    yield ROOT.PiecewiseInterpolation(
        "morphed", "of three", steps[0], ROOT.RooArgList(steps[1]), ROOT.RooArgList(steps[2]), parameters
    )
    norms = vector([0.9, 0.8]), vector([1.1, 1.2])
    yield ROOT.RooStats.HistFactory.FlexibleInterpVar("factor", "of two", both, 1.0, *norms)
    yield ROOT.RooParamHistFunc("gammas", "of bins", histogram, m)


def describe(w, m, y):
    """Give variables all that they may have."""
    m.setBins(40)
    m.setUnit("GeV")
    m.SetTitle("mass of all")
    m.setRange("window", 120, 130)
    m.setBins(16, "coarse")
    edges = ROOT.RooBinning(-3, 3)
    for edge in (-1.0, 0.5, 1.0):
        edges.addBoundary(edge)
    y.setBinning(edges)
    w.var("r").setError(0.3)
    w.var("r").setAsymError(-0.2, 0.4)
    w.var("k").setConstant(True)
    w.var("p").removeMin()


def tables(m, y, cat, rows=40):
    """Yield data of all kinds."""
    fit, rng, both = ROOT.RooFit, ROOT.TRandom3(5), ROOT.RooArgSet(m, y)
    weight = ROOT.RooRealVar("weight", "weight", 1, -10, 10)
    heavy_columns = ROOT.RooArgSet(m, y, weight)
    errors_of = fit.StoreError(ROOT.RooArgSet(y)), fit.StoreAsymError(ROOT.RooArgSet(m))
    plain = ROOT.RooDataSet("plain", "without weights", ROOT.RooArgSet(m, y, cat))
    heavy = ROOT.RooDataSet("heavy", "with weights", heavy_columns, fit.WeightVar(weight))
    errors = ROOT.RooDataSet("errors", "with errors", both, *errors_of)
    binned = ROOT.RooDataHist("binned", "in bins", both)
    ROOT.RooAbsData.setDefaultStorageType(ROOT.RooAbsData.Tree)
    treed = ROOT.RooDataSet("treed", "in a tree", ROOT.RooArgSet(m, y, cat), *errors_of)
    heavy_tree = ROOT.RooDataSet("heavy_tree", "with weights in a tree", heavy_columns, fit.WeightVar(weight))
    ROOT.RooAbsData.setDefaultStorageType(ROOT.RooAbsData.Vector)
    for i in range(rows):
        m.setVal(rng.Uniform(100, 180))
        y.setVal(rng.Uniform(-3, 3))
        cat.setIndex(1 if i % 3 else 5)
        y.setError(rng.Uniform())
        m.setAsymError(-rng.Uniform(), rng.Uniform())
        for data in (plain, errors, treed):
            data.add(ROOT.RooArgSet(m, y, cat))
        for data in (heavy, binned, heavy_tree):
            data.add(both, rng.Uniform(-0.5, 2))
    m.setVal(125)
    y.setVal(0.1)
    y.removeError()
    m.removeAsymError()
    parts = fit.Import("one", errors), fit.Import("two", errors)
    yield from (plain, heavy, errors, binned, treed, heavy_tree)
    yield ROOT.RooDataSet("slices", "of two", both, fit.Index(cat), *parts)


if __name__ == "__main__":
    main(sys.argv[1])
