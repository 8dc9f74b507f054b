"""df103 in plain awkward-array, as a physicist would write it: uproot.iterate, masks, three channels.

    python awkward_df103.py FILE.root...

Prints {"4mu": {"selected": n}, "4e": ..., "2e2mu": ...} as JSON. ROOT's tutorial keeps its best pair mass in
a C++ int; so does this, or the counts would differ.
"""

import json
import sys
import time

import awkward as ak
import numpy as np
import uproot

Z_MASS = 91.2
CHUNK = 200_000
LEPTON = ("pt", "eta", "phi", "mass", "charge", "dxy", "dxyErr", "dz", "dzErr")
COLUMNS = [
    *("nMuon", "Muon_pfRelIso04_all", *(f"Muon_{name}" for name in LEPTON)),
    *("nElectron", "Electron_pfRelIso03_all", *(f"Electron_{name}" for name in LEPTON)),
]
PAIRS = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def leptons(chunk, prefix, isolation):
    """Collect the columns of one kind as a jagged record array."""
    columns = {name: chunk[f"{prefix}_{name}"] for name in LEPTON}
    return ak.zip({**columns, "iso": chunk[f"{prefix}_{isolation}"]})


def from_vertex(lep):
    """All leptons close to the primary vertex."""
    sip3d = np.sqrt(lep.dxy**2 + lep.dz**2) / np.sqrt(lep.dxyErr**2 + lep.dzErr**2)
    return ak.all((sip3d < 4) & (abs(lep.dxy) < 0.5) & (abs(lep.dz) < 1.0), axis=1)


def four_vectors(lep, n):
    """Turn the first n leptons of each event into an array (events, n, 4) of px, py, pz, E."""
    pt, eta, phi, mass = (ak.to_numpy(lep[name][:, :n]).astype(np.float64) for name in ("pt", "eta", "phi", "mass"))
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.stack([px, py, pz, np.sqrt(px**2 + py**2 + pz**2 + mass**2)], axis=-1)


def mass_of(p):
    """Invariant mass of (..., 4) arrays of px, py, pz, E."""
    return np.sqrt(np.maximum(p[..., 3] ** 2 - p[..., 0] ** 2 - p[..., 1] ** 2 - p[..., 2] ** 2, 0.0))


def delta_r(lep, i, j):
    """Distance of two leptons, i and j being indices per event."""
    eta, phi = ak.to_numpy(lep.eta), ak.to_numpy(lep.phi)
    rows = np.arange(len(eta))
    dphi = (phi[rows, i] - phi[rows, j] + np.pi) % (2 * np.pi) - np.pi
    return np.hypot(eta[rows, i] - eta[rows, j], dphi)


def z_windows(first, second):
    """Z masses inside their windows, the nearer one being the first."""
    swap = abs(first - Z_MASS) >= abs(second - Z_MASS)
    near, far = np.where(swap, second, first), np.where(swap, first, second)
    return (near > 40) & (near < 120) & (far > 12) & (far < 120)


def one_kind(lep, lowest_pt, highest_eta):
    """Masses of the selected four-lepton candidates of one kind."""
    lep = lep[ak.num(lep.pt) >= 4]
    lep = lep[ak.all(abs(lep.iso) < 0.40, axis=1)]
    lep = lep[ak.all((lep.pt > lowest_pt) & (abs(lep.eta) < highest_eta), axis=1)]
    lep = lep[from_vertex(lep)]
    lep = lep[(ak.num(lep.pt) == 4) & (ak.sum(lep.charge == 1, axis=1) == 2) & (ak.sum(lep.charge == -1, axis=1) == 2)]
    lep = ak.to_regular(lep, axis=1)
    if len(lep) == 0:
        return np.empty(0, np.float32)

    p, charge = four_vectors(lep, 4), ak.to_numpy(lep.charge)
    best, chosen = np.full(len(p), -1), np.zeros(len(p), dtype=np.int64)
    for k, (i, j) in enumerate(PAIRS):
        mass = mass_of(p[:, i] + p[:, j])
        better = (charge[:, i] != charge[:, j]) & (abs(Z_MASS - mass) < abs(Z_MASS - best))
        best, chosen = np.where(better, mass.astype(np.int64), best), np.where(better, k, chosen)
    i, j = np.array(PAIRS)[chosen].T
    k, m = np.array(PAIRS[::-1])[chosen].T  # the other two
    rows = np.arange(len(p))
    first, second = mass_of(p[rows, i] + p[rows, j]), mass_of(p[rows, k] + p[rows, m])
    good = (delta_r(lep, i, j) >= 0.02) & (delta_r(lep, k, m) >= 0.02)
    good &= z_windows(first.astype(np.float32), second.astype(np.float32))
    return mass_of(p.sum(axis=1))[good].astype(np.float32)


def hard(pt):
    """At least one lepton above 20 GeV and another above 10 GeV."""
    return (ak.sum(pt > 20, axis=1) >= 1) & (ak.sum(pt > 10, axis=1) >= 2)


def apart(lep):
    """First two leptons are at least 0.02 apart."""
    if len(lep) == 0:
        return np.zeros(0, dtype=bool)
    return delta_r(ak.to_regular(lep[:, :2], axis=1), 0, 1) >= 0.02


def two_kinds(mu, el):
    """Masses of the selected candidates of two electrons and two muons."""

    def keep(mask):
        return mu[mask], el[mask]

    mu, el = keep((ak.num(el.pt) >= 2) & (ak.num(mu.pt) >= 2))
    mu, el = keep(ak.all(abs(el.eta) < 2.5, axis=1) & ak.all(abs(mu.eta) < 2.4, axis=1))
    mu, el = keep(hard(mu.pt) | hard(el.pt))
    mu, el = keep(apart(mu) & apart(el))
    mu, el = keep(ak.all(abs(el.iso) < 0.40, axis=1) & ak.all(abs(mu.iso) < 0.40, axis=1))
    mu, el = keep(from_vertex(el) & from_vertex(mu))
    mu, el = keep((ak.sum(el.charge, axis=1) == 0) & (ak.sum(mu.charge, axis=1) == 0))
    p_mu, p_el = four_vectors(mu, 2).sum(axis=1), four_vectors(el, 2).sum(axis=1)
    good = z_windows(mass_of(p_mu).astype(np.float32), mass_of(p_el).astype(np.float32))
    return mass_of(p_mu + p_el)[good].astype(np.float32)


def select(chunk):
    """H masses per channel of one chunk of events."""
    mu, el = leptons(chunk, "Muon", "pfRelIso04_all"), leptons(chunk, "Electron", "pfRelIso03_all")
    return {"4mu": one_kind(mu, 5, 2.4), "4e": one_kind(el, 7, 2.5), "2e2mu": two_kinds(mu, el)}


def h_masses(files):
    """H masses per channel of whole files."""
    found = {channel: [np.empty(0, np.float32)] for channel in ("4mu", "4e", "2e2mu")}
    for chunk in uproot.iterate([f"{f}:Events" for f in files], COLUMNS, step_size=CHUNK):
        for channel, masses in select(chunk).items():
            found[channel].append(masses)
    return {channel: np.concatenate(masses) for channel, masses in found.items()}


if __name__ == "__main__":
    start = time.perf_counter()
    result = h_masses(sys.argv[1:])
    document = {channel: {"selected": len(masses)} for channel, masses in result.items()}
    print(json.dumps(document | {"seconds_inside": time.perf_counter() - start}))
