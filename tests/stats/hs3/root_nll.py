"""Run by a Python that has ROOT: what RooFit says of HS3 documents, and documents that ROOT writes.

``root_nll.py evaluate TASKS OUTPUT``: TASKS is a list of {"document": path, "points": [{name: value}], "pdf": name,
"data": name}; for each RooFit reads the document and gives the values of -ln L at the points, less that at the first.
``root_nll.py export FOLDER``: writes documents of workspaces that are made here.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def evaluate(document: str, points: list[dict[str, float]], pdf: str, data: str) -> list[float]:
    import ROOT

    workspace = ROOT.RooWorkspace("w")
    assert ROOT.RooJSONFactoryWSTool(workspace).importJSON(document)
    config, measured, model = workspace.obj("ModelConfig"), workspace.data(data), workspace.pdf(pdf)
    nll = model.createNLL(measured, ROOT.RooFit.GlobalObservables(config.GetGlobalObservables()))
    parameters = model.getParameters(measured)
    found = []
    for point in points:
        for name, value in point.items():
            variable = parameters.find(name)
            if not variable:
                raise KeyError(f"{name} is not among {[p.GetName() for p in parameters]}")
            variable.setVal(value)
        found.append(nll.getVal())
    return [x - found[0] for x in found]


def histogram(values: list[float], errors: list[float] | None = None, edges: list[float] | None = None):
    from array import array

    import ROOT

    found = ROOT.TH1D(f"h{id(values)}", "", len(values), array("d", edges or range(len(values) + 1)))
    ROOT.SetOwnership(found, False)  # ROOT and Python both delete it at the end
    found.SetDirectory(0)
    for k, x in enumerate(values, 1):
        found.SetBinContent(k, x)
        if errors:
            found.SetBinError(k, errors[k - 1])
    return found


def histfactory(folder: Path) -> None:
    """Two channels with every modifier that ROOT's HistFactory has, and Poisson laws of statistical errors."""
    import ROOT

    made = ROOT.RooStats.HistFactory
    measurement = made.Measurement("meas", "meas")
    measurement.SetOutputFilePrefix(str(folder / "unused"))
    measurement.AddPOI("mu")
    measurement.SetLumi(1.0)
    measurement.SetLumiRelErr(0.02)
    for name, edges in (("SR", [0.0, 1.0, 2.0]), ("CR", [0.0, 1.0, 5.0])):
        channel = made.Channel(name)
        channel.SetData(histogram([51, 48], edges=edges))
        channel.SetStatErrorConfig(0.01, "Poisson")
        signal, background = made.Sample("sig"), made.Sample("bkg")
        signal.SetHisto(histogram([12, 11], edges=edges))
        signal.AddNormFactor("mu", 1, 0, 10)
        signal.AddOverallSys("eff", 0.9, 1.15)
        signal.SetNormalizeByTheory(True)
        background.SetHisto(histogram([50, 52], [3, 0.1], edges))
        background.ActivateStatError()
        background.AddOverallSys("eff", 0.95, 1.07)
        background.AddOverallSys("size", 0.8, 1.3)
        jes = made.HistoSys()
        jes.SetName("jes")
        jes.SetHistoLow(histogram([45, 55], edges=edges))
        jes.SetHistoHigh(histogram([56, 50], edges=edges))
        background.AddHistoSys(jes)
        for law in ("Poisson", "Gaussian"):
            shape = made.ShapeSys()
            shape.SetName(f"{law}_{name}")
            shape.SetErrorHist(histogram([0.1, 0.08], edges=edges))
            shape.SetConstraintType(getattr(made.Constraint, law))
            background.AddShapeSys(shape)
        free = made.ShapeFactor()
        free.SetName(f"free_{name}")
        signal.AddShapeFactor(free)
        for sample in (signal, background):
            channel.AddSample(sample)
        measurement.AddChannel(channel)
    workspace = made.MakeModelAndMeasurementFast(measurement)
    ROOT.RooJSONFactoryWSTool(workspace).exportJSON(str(folder / "histfactory.json"))


DENSITIES = (
    "Gaussian::gauss(x[100,180],m[125,110,140],s[2,0.1,10])",
    "Exponential::expo(x,c[-0.02,-1,0])",
    "CBShape::one(x,m,s,a[1.5],n[3])",
    "RooCrystalBall::two(x,m,s,s,a,n,a2[1.2],n2[5])",
    "RooArgusBG::argus(x,m0[180],k[-2],0.5)",
    "Polynomial::poly(x,{p1[0.1],p2[0.01]})",
    "Chebychev::cheb(x,{p1,p2})",
    "Bernstein::bern(x,{b0[1],b1[2],b2[3]})",
    "Uniform::flat(x)",
    "Lognormal::logn(x,m,w[1.1,1.01,2])",
    "Landau::land(x,m,s)",
    "EXPR::made('exp(c*x)+p1*x*x/(1+x)',x,c,p1)",
    "expr::moved('m+1.5*s',m,s)",
    "Gaussian::late(x,moved,s)",
    "Poisson::pois(x,m)",
    "SUM::mix(f[0.3,0,1]*gauss,expo)",
    "SUM::ext(ns[10,0,100]*gauss,nb[100,0,1000]*expo)",
    "Gaussian::measured(m,m_nom[125],0.5)",
    "PROD::model(ext,measured)",
    "sum::both(m,s)",
    "prod::times(m,s)",
)


def densities(folder: Path) -> None:
    """One density of each kind that ROOT writes, functions, and data of both kinds."""
    import ROOT

    workspace = ROOT.RooWorkspace("w")
    for text in DENSITIES:
        workspace.factory(text)
    ROOT.RooRandom.randomGenerator().SetSeed(1)
    x = workspace.var("x")
    rows = workspace.pdf("ext").generate(ROOT.RooArgSet(x), 20)
    x.setBins(4)
    rows.SetName("rows")
    workspace.Import(rows)
    workspace.Import(ROOT.RooDataHist("counts", "counts", ROOT.RooArgSet(x), rows))
    ROOT.RooJSONFactoryWSTool(workspace).exportJSON(str(folder / "densities.json"))
    values = {name: [density_at(workspace, name, x) for x in POINTS] for name in COMPARED}
    nll = workspace.pdf("model").createNLL(rows, GlobalObservables=ROOT.RooArgSet(workspace.var("m_nom")))
    found = []
    for changes in CHANGES:
        for name, value in changes.items():
            workspace.var(name).setVal(value)
        found.append(nll.getVal())
    differences = [value - found[0] for value in found]
    (folder / "values.json").write_text(json.dumps({"x": POINTS, "values": values, "nll": differences}))


POINTS = [101.0, 115.0, 121.5, 124.9, 126.2, 131.0, 160.0]
COMPARED = [
    "gauss",
    "expo",
    "one",
    "two",
    "argus",
    "poly",
    "cheb",
    "bern",
    "flat",
    "logn",
    "land",
    "made",
    "late",
    "mix",
]
#: Parameters that change from one value of -ln L to the next; ROOT is asked in this order.
CHANGES = [{}, {"ns": 12.0}, {"m": 124.4}, {"s": 2.7, "nb": 90.0}, {"c": -0.01}]


def density_at(workspace, name: str, x: float) -> float:
    import ROOT

    workspace.var("x").setVal(x)
    return workspace.pdf(name).getVal(ROOT.RooArgSet(workspace.var("x")))


def main(what: str, *paths: str) -> None:
    import ROOT

    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    if what == "export":
        histfactory(Path(paths[0]))
        densities(Path(paths[0]))
        return
    tasks = json.loads(Path(paths[0]).read_text())
    Path(paths[1]).write_text(json.dumps([evaluate(**t) for t in tasks]))


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # ROOT and Python take each other's objects apart at the end, and crash now and then
