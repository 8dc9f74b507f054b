"""Write `hzdsl/io/schemas/nanoaod.json` from real files of all versions.

    python tools/nanoaod_schema.py ../shared/data/nanoaod_modern/**/*.root ../shared/data/adl_benchmark/*_1000.root \
        ../shared/data/df103_like/signal.root > hzdsl/io/schemas/nanoaod.json

Branches, types and documentation are the files'; units and links, which no file tells, are said here.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hzdsl.io.opening import open_source
from hzdsl.io.source import ColumnInfo
from hzdsl.ir.types import STORED, DType

ABOUT = "NanoAOD, the 2012 outreach files and v5 to v15. Written by tools/nanoaod_schema.py: change that."
FAMILIES = {
    "HLT_": "bool: trigger",
    "L1_": "bool: level-1 trigger",
    "DST_": "bool: scouting trigger",
    "Dataset_": "bool: primary dataset",
    "Flag_": "bool: event filter",
}
SINGLES = (
    "MET", "PuppiMET", "PFMET", "RawMET", "RawPFMET", "RawPuppiMET", "CaloMET", "ChsMET", "TkMET", "TrkMET",
    "DeepMETResolutionTune", "DeepMETResponseTune", "FiducialMET", "METFixEE2017", "GenMET", "PV", "GenVtx", "BeamSpot",
    "Generator", "LHE", "HTXS", "Pileup", "Rho", "L1PreFiringWeight",
)  # fmt: skip
#: What comes first in lists and suggestions.
FIRST = ("Muon", "Electron", "Photon", "Tau", "Jet", "FatJet", "SubJet", "GenPart", "GenJet", "MET", "PuppiMET", "PV")
#: Made by private productions, not part of NanoAOD.
PRIVATE = re.compile(
    r"AK15|Gen(Fat)?Jet(Cands|SVs)|GenCands|(Fat)?JetSVs|(Fat)?JetPFCands|PFCands|GenJetAK15|GenSubJetAK15"
    r"|TrackGenJet|btagWeight|TauSpinner|\w*_pRECO|MC_|L1(Reco|simulation)_step"
)
FLAVORS = {
    "Muon": 13, "Electron": 11, "LowPtElectron": 11, "Photon": 22, "FsrPhoton": 22, "GenIsolatedPhoton": 22,
    "Tau": 15, "boostedTau": 15, "GenVisTau": 15,
}  # fmt: skip
#: By collection: name, index, target.
LINKS: dict[str, list[tuple[str, str, str]]] = {
    "Muon": [
        ("jet", "jetIdx", "Jet"), ("gen", "genPartIdx", "GenPart"), ("fsrPhoton", "fsrPhotonIdx", "FsrPhoton"),
        ("sv", "svIdx", "SV"),
    ],
    "Electron": [
        ("jet", "jetIdx", "Jet"), ("gen", "genPartIdx", "GenPart"), ("photon", "photonIdx", "Photon"),
        ("fsrPhoton", "fsrPhotonIdx", "FsrPhoton"), ("sv", "svIdx", "SV"),
    ],
    "LowPtElectron": [
        ("electron", "electronIdx", "Electron"), ("photon", "photonIdx", "Photon"), ("gen", "genPartIdx", "GenPart"),
    ],
    "Photon": [
        ("jet", "jetIdx", "Jet"), ("gen", "genPartIdx", "GenPart"), ("electron", "electronIdx", "Electron"),
    ],
    "Tau": [
        ("jet", "jetIdx", "Jet"), ("gen", "genPartIdx", "GenPart"), ("electron", "eleIdx", "Electron"),
        ("muon", "muIdx", "Muon"), ("sv1", "svIdx1", "SV"), ("sv2", "svIdx2", "SV"),
    ],
    "boostedTau": [("jet", "jetIdx", "Jet"), ("gen", "genPartIdx", "GenPart")],
    "Jet": [
        ("gen", "genJetIdx", "GenJet"), ("muon1", "muonIdx1", "Muon"), ("muon2", "muonIdx2", "Muon"),
        ("electron1", "electronIdx1", "Electron"), ("electron2", "electronIdx2", "Electron"),
        ("sv1", "svIdx1", "SV"), ("sv2", "svIdx2", "SV"),
    ],
    "FatJet": [
        ("gen", "genJetAK8Idx", "GenJetAK8"), ("subjet1", "subJetIdx1", "SubJet"), ("subjet2", "subJetIdx2", "SubJet"),
        ("electron", "electronIdx3SJ", "Electron"), ("muon", "muonIdx3SJ", "Muon"),
    ],
    "FatJetPFCand": [("jet", "jetIdx", "FatJet"), ("candidate", "pfCandIdx", "PFCand")],
    "FsrPhoton": [("muon", "muonIdx", "Muon"), ("electron", "electronIdx", "Electron")],
    "GenPart": [("mother", "genPartIdxMother", "GenPart")],
    "GenVisTau": [("mother", "genPartIdxMother", "GenPart")],
}  # fmt: skip
CHAINS = {("GenPart", "mother"): "ancestors"}

_ENERGY = re.compile(
    r"(?:raw|fiducialGen)?[pP]t|mass|rawMass|energy|energyRaw|rawEnergy|energyErr|ecalEnergy(?:Error)?|PreshowerEnergy|"
    r"p[xyz]|incomingpz|ptErr|tuneP_pterr|bsConstrainedPt(?:Err)?|sumEt|sumet|sumPtUnclustered|"
    r"pt(?:JER|JES|Unclustered|biased|Unconstrained|Hjj)\w*|"
    r"msoftdrop|particleNet(?:Legacy)?_mass|dr03\w+Et|dr03TkSumPt(?:HEEP)?|trkSumPt\w+|jetPtRelv2|"
    r"DeepCSV_(?:trackJetPt|trackPtRel_\d|vertexMass)|DDX_tau\d_vertexMass|"
    r"HT|HTIncoming|Vpt|V_pt|Mjj|Higgs_pt|scalePDF|pthatmax|MetUnclustEnUpDelta[XY]|SoftActivityJetHT\d*"
)
_LENGTH = re.compile(
    r"(?:dxy|dz|ip3d|lxy|dlen)(?:Err|bs)?|leadTkD(?:xy|z)|[xyz](?:Error|_calo)?|convVtxRadius|beamWidth\w+|sigmaZ(?:Error)?|v[xyz]"
)
_INVERSE = {"eInvMinusPInv": "1/GeV", "dROverEt2": "1/GeV**2"}
#: What every particle has, where no file says it.
_DOCS = {
    "pt": "transverse momentum",
    "eta": "pseudorapidity",
    "phi": "azimuth in radians",
    "mass": "mass",
    "charge": "electric charge",
}


def main(paths: Iterable[str]) -> None:
    """Print the schema of these files."""
    found: dict[str, list[ColumnInfo]] = defaultdict(list)
    owners: dict[str, str] = {}
    for path in paths:
        with open_source(path) as source:
            columns = source.columns
            for info in columns.values():
                if not info.name.startswith("_collection") and not PRIVATE.match(info.name):
                    found[info.name].append(info)
                    if info.depth == 1:
                        owners[info.name] = _owner(info.name, columns)
    lists = {name for name, owner in owners.items() if owner == name}
    groups: dict[str, list[str]] = defaultdict(list)
    for name, infos in found.items():
        single = name.partition("_")[0]
        if infos[0].depth == 1 and name not in lists:
            groups[owners[name]].append(name)
        elif infos[0].depth == 0 and single in SINGLES and "_" in name:
            groups[single].append(name)
    grouped = {name for names in groups.values() for name in names}
    counters = {f"n{name}" for name in owners} | {f"n{name}" for name in groups}
    fields = {
        name: _text(name, name, found[name])
        for name in sorted(found, key=str.casefold)
        if name not in grouped | lists | counters
        and not re.match("n[A-Z]", name)
        and not name.startswith(tuple(FAMILIES))
    }
    order = sorted(groups, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name.casefold()))
    collections: dict[str, Any] = {name: {"value": _text("", name, found[name])} for name in sorted(lists)}
    collections |= {name: _group(name, groups[name], found) for name in order if name not in SINGLES}
    schema = {
        "identifiers": ["run", "luminosityBlock", "event"],
        "patterns": FAMILIES,
        "fields": fields,
        "collections": collections,
        "objects": {name: _group(name, groups[name], found) for name in order if name in SINGLES},
    }
    print(json.dumps({"about": ABOUT, "schema": schema}, indent=1, ensure_ascii=False))


def _owner(name: str, columns: Iterable[str]) -> str:
    heads = [name[: m.start()] for m in re.finditer("_", name)]
    return next((h for h in heads if f"n{h}" in columns and h not in columns), name)


def _group(owner: str, names: list[str], found: dict[str, list[ColumnInfo]]) -> dict[str, Any]:
    attributes = {name.removeprefix(f"{owner}_"): found[name] for name in names}
    links = {
        name: {"index": index, "target": target, **({"chain": chain} if (chain := CHAINS.get((owner, name))) else {})}
        for name, index, target in LINKS.get(owner, [])
        if index in attributes
    }
    common = [a for a in _DOCS if a in attributes]
    order = [*common, *sorted(set(attributes) - set(common), key=lambda a: (a.casefold(), a))]
    return {
        **({"flavor": FLAVORS[owner]} if owner in FLAVORS else {}),
        **({"links": links} if links else {}),
        "fields": {attr: _text(attr, f"{owner}_{attr}", attributes[attr]) for attr in order},
    }


def _text(attr: str, branch: str, infos: list[ColumnInfo]) -> str:
    titles = [i.title for i in infos if i.title.partition("/")[0].partition("[")[0] not in (branch, attr, "")]
    fitting = [t for t in titles if len(t) <= 80]
    doc = max(fitting, key=len) if fitting else titles[0] if titles else _DOCS.get(attr, "")
    doc = re.sub(r"\s+", " ", doc.replace("\\", "").replace('"', "'")).strip()
    doc = doc if len(doc) <= 80 else doc[:79].rsplit(" ", 1)[0] + " …"
    dtype = _dtype({STORED[str(i.dtype)] for i in infos})
    unit = _unit(attr) if dtype.floating else ""
    return f"{dtype.value}{f' {unit}' if unit else ''}{f': {doc}' if doc else ''}"


def _dtype(kinds: set[DType]) -> DType:
    """Return the type that holds what every version stores."""
    floats = [d for d in (DType.F64, DType.F32) if d in kinds]
    if floats:
        return floats[0]
    if DType.U64 in kinds and len(kinds) > 1:
        return DType.I64
    return next(d for d in (DType.U64, DType.I64, DType.U32, DType.I32, DType.BOOL) if d in kinds)


def _unit(attr: str) -> str:
    if _ENERGY.fullmatch(attr):
        return "GeV"
    if _LENGTH.fullmatch(attr):
        return "cm"
    return "GeV**2" if re.fullmatch("[cC]ov[XY]{2}", attr) else _INVERSE.get(attr, "")


if __name__ == "__main__":
    main(sys.argv[1:])
