"""One task of the ADL benchmark in plain awkward-array: uproot.iterate, masks, combinations, argmin.

    python awkward_adl.py TASK FILE.root

Prints {"histograms": [[contents of 100 bins]...], "version": ...} as JSON.
"""

import json
import sys

import awkward as ak
import hist
import numpy as np
import uproot

CHUNK = 200_000
MOMENTUM = ("pt", "eta", "phi", "mass")


def columns(**collections):
    """Names of branches: of collections some attributes each."""
    return [f"{name}_{x}" for name, attributes in collections.items() for x in attributes]


def objects(chunk, name, attributes):
    """Collect the columns of a collection as a jagged record array."""
    return ak.zip({x: chunk[f"{name}_{x}"] for x in attributes})


def components(p):
    """Add px, py, pz and E in f64 to records of pt, eta, phi and mass."""
    pt, eta, phi, mass = (ak.values_astype(p[x], np.float64) for x in MOMENTUM)
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt(px**2 + py**2 + pz**2 + mass**2)
    return ak.zip({**{x: p[x] for x in ak.fields(p)}, "px": px, "py": py, "pz": pz, "E": energy})


def mass_of(*legs):
    """Invariant mass of the sum of objects with components."""
    px, py, pz, energy = (sum(leg[x] for leg in legs) for x in ("px", "py", "pz", "E"))
    return np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0))


def delta_phi(a, b):
    """Difference of azimuths between -pi and pi."""
    return (a - b + np.pi) % (2 * np.pi) - np.pi


def leptons(chunk):
    """All light leptons of an event, muons first, with their flavour."""
    attributes = (*MOMENTUM, "charge")
    mu, el = objects(chunk, "Muon", attributes), objects(chunk, "Electron", attributes)
    mu["flavour"], el["flavour"] = ak.full_like(mu.charge, 13), ak.full_like(el.charge, 11)
    return ak.concatenate([mu, el], axis=1)


def task_1(chunk):
    return [chunk.MET_pt]


def task_2(chunk):
    return [ak.flatten(chunk.Jet_pt)]


def task_3(chunk):
    return [ak.flatten(chunk.Jet_pt[abs(chunk.Jet_eta) < 1])]


def task_4(chunk):
    return [chunk.MET_pt[ak.sum(chunk.Jet_pt > 40, axis=1) >= 2]]


def task_5(chunk):
    chunk = chunk[ak.num(chunk.Muon_pt) >= 2]
    mu = components(objects(chunk, "Muon", (*MOMENTUM, "charge")))
    a, b = ak.unzip(ak.combinations(mu, 2))
    mass = mass_of(a, b)
    return [chunk.MET_pt[ak.any((a.charge != b.charge) & (mass > 60) & (mass < 120), axis=1)]]


def task_6(chunk):
    jets = objects(chunk, "Jet", (*MOMENTUM, "btag"))
    jets = components(jets[ak.num(jets.pt) >= 3])
    legs = ak.zip(dict(zip("abc", ak.unzip(ak.combinations(jets, 3)), strict=True)))
    distance = abs(mass_of(legs.a, legs.b, legs.c) - 172.5)
    best = ak.firsts(legs[ak.argmin(distance, axis=1, keepdims=True)])
    px, py = (best.a[x] + best.b[x] + best.c[x] for x in ("px", "py"))
    return [np.hypot(px, py), np.maximum(np.maximum(best.a.btag, best.b.btag), best.c.btag)]


def task_7(chunk):
    jets, lep = objects(chunk, "Jet", ("pt", "eta", "phi")), leptons(chunk)
    jets, lep = jets[jets.pt > 30], lep[lep.pt > 10]
    jet, near = ak.unzip(ak.cartesian([jets, lep], nested=True))
    distance = np.hypot(jet.eta - near.eta, delta_phi(jet.phi, near.phi))
    return [ak.sum(jets.pt[~ak.any(distance < 0.4, axis=2)], axis=1)]


def task_8(chunk):
    chunk = chunk[ak.num(chunk.Muon_pt) + ak.num(chunk.Electron_pt) >= 3]
    lep = components(leptons(chunk))
    i, j = ak.unzip(ak.argcombinations(lep, 2))
    a, b = lep[i], lep[j]
    z_like = (a.charge != b.charge) & (a.flavour == b.flavour)
    i, j, distance = i[z_like], j[z_like], abs(mass_of(a[z_like], b[z_like]) - 91.2)
    best = ak.argmin(distance, axis=1, keepdims=True)
    found = ~ak.is_none(best[:, 0])
    lep, met_pt, met_phi = lep[found], chunk.MET_pt[found], chunk.MET_phi[found]
    i, j = (ak.fill_none(x[best][:, 0], 0)[found] for x in (i, j))
    number = ak.local_index(lep.pt)
    others = lep[(number != i) & (number != j)]
    leading = ak.firsts(others[ak.argmax(others.pt, axis=1, keepdims=True)])
    return [np.sqrt(2 * leading.pt * met_pt * (1 - np.cos(delta_phi(leading.phi, met_phi))))]


LEPTONS = columns(Muon=(*MOMENTUM, "charge"), Electron=(*MOMENTUM, "charge"))
#: By task: what is found in a chunk, the branches that takes, the range of each histogram.
TASKS = {
    "1": (task_1, ["MET_pt"], [(0, 2000)]),
    "2": (task_2, ["Jet_pt"], [(15, 60)]),
    "3": (task_3, columns(Jet=("pt", "eta")), [(15, 60)]),
    "4": (task_4, ["Jet_pt", "MET_pt"], [(0, 2000)]),
    "5": (task_5, [*columns(Muon=(*MOMENTUM, "charge")), "MET_pt"], [(0, 2000)]),
    "6": (task_6, columns(Jet=(*MOMENTUM, "btag")), [(15, 40), (0, 1)]),
    "7": (task_7, [*columns(Jet=("pt", "eta", "phi")), *LEPTONS], [(15, 200)]),
    "8": (task_8, [*LEPTONS, "MET_pt", "MET_phi"], [(15, 250)]),
}


def main(task, path):
    """Go through the file and print the contents."""
    function, branches, ranges = TASKS[task]
    histograms = [hist.Hist(hist.axis.Regular(100, *limits)) for limits in ranges]
    for chunk in uproot.iterate(f"{path}:Events", branches, step_size=CHUNK):
        for h, values in zip(histograms, function(chunk), strict=True):
            h.fill(ak.to_numpy(values))
    contents = [h.values().tolist() for h in histograms]
    print(json.dumps({"histograms": contents, "version": f"awkward {ak.__version__}"}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
