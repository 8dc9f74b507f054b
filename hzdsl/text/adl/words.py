"""The words of ADL that the input gives a meaning: collections, attributes, functions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hzdsl.io.schema import Schema
from hzdsl.ir.ops import MATH

#: Collections and objects that every ADL file may name, and what NanoAOD calls them.
PREDEFINED: Mapping[str, str] = MappingProxyType(
    {
        "ele": "Electron",
        "electron": "Electron",
        "muo": "Muon",
        "muon": "Muon",
        "tau": "Tau",
        "jet": "Jet",
        "fjet": "FatJet",
        "fatjet": "FatJet",
        "pho": "Photon",
        "photon": "Photon",
        "gen": "GenPart",
        "met": "MET",
        "metlv": "MET",
        "missinget": "MET",
    }
)
#: Attributes whose ADL name is another than that of the language.
ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "m": "mass",
        "e": "energy",
        "q": "charge",
        "rap": "rapidity",
        "d0": "dxy",
        "ed0": "dxyErr",
        "edxy": "dxyErr",
        "edz": "dzErr",
        **{n: n for n in ("pt", "eta", "phi", "mass", "px", "py", "pz", "p", "energy", "charge", "et", "mt")},
        **{n: n for n in ("rapidity", "theta", "flavor")},
    }
)
COUNTS = frozenset({"size", "count", "numof", "n"})
REDUCERS: Mapping[str, str] = MappingProxyType({n: n for n in ("any", "all", "sum", "min", "max")} | {"ave": "mean"})
#: "of which" of a collection a comparison holds, written around the collection.
QUANTIFIERS: Mapping[str, str] = MappingProxyType({"anyof": "any", "allof": "all"})
#: Functions of two objects, and whether ADL takes the absolute value.
OF_TWO: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {"dr": ("delta_r", False), "dphi": ("delta_phi", True), "deta": ("delta_eta", True)}
)
SUMS = frozenset({"ht", "fht"})
#: Keeps what a random number accepts with the efficiency of a table.
HIT_OR_MISS, HIT_OR_MISS_FIX = "applyhm", "applyHM(efficiency(pT) == 1)"
MATHEMATICS: Mapping[str, str] = MappingProxyType({n.casefold(): n for n in ("abs", *MATH)})


class Words:
    """The names of one input: upper and lower case and underscores do not count.

    Examples
    --------
    >>> from hzdsl.io.schema import load_schema
    >>> words = Words(load_schema("nanoaod"))
    >>> [words.attribute(n) for n in ("pT", "m", "BTag", "pfRelIso03all", "own")]
    ['pt', 'mass', 'btag', 'pfRelIso03_all', 'own']
    >>> words.object("MUO"), words.object("genjet"), words.object("muons")
    ('Muon', 'GenJet', None)
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._exact = frozenset(name for o in schema.objects.values() for name in o.fields)
        found: dict[str, set[str]] = {}
        for name in self._exact:
            found.setdefault(_folded(name), set()).add(name)
        self._folded = {key: names.pop() for key, names in found.items() if len(names) == 1}

    def attribute(self, name: str) -> str:
        """Return the attribute that ADL calls `name`; an unknown name as it is."""
        if name in self._exact:
            return name
        return ATTRIBUTES.get(name.casefold()) or self._folded.get(_folded(name), name)

    def object(self, name: str) -> str | None:
        """Return the collection or object of the input that ADL calls `name`, or None."""
        if name in self.schema.objects:
            return name
        known = PREDEFINED.get(name.casefold())
        if known in self.schema.objects:
            return known
        return next((n for n in self.schema.objects if n.casefold() == name.casefold()), None)


def _folded(name: str) -> str:
    return name.casefold().replace("_", "")
