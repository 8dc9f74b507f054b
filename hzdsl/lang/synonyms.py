"""What others call the things of this language, and what to write instead: one table for hints in Python and in text.

The names are those of ROOT, RDataFrame, awkward, coffea, NumPy, Python, ADL and of physicists' habits. They are no
synonyms of the language, which has none: whoever writes one is told the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hzdsl.errors import Place, did_you_mean
from hzdsl.lang.places import spelled_call, user_place, written
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Instead:
    """What to write instead of some names.

    Parameters
    ----------
    names : str
        The names, in lower case and without underscores.
    attribute : str
        What ``x.name`` is: ``{x}`` stands for what is before the dot, ``{hz}`` for where functions are found.
    function : str
        What ``name(…)``, or the bare name, is; as `attribute`, of an x, where it is left out.
    """

    names: str
    attribute: str
    function: str = ""


_TABLE = (
    # attributes
    Instead("m invmass invariantmass invm minv mll masspair", "{x}.mass", "(a + b).mass, or z.mass of a candidate z"),
    Instead("e en", "{x}.energy"),
    Instead("perp pperp transversemomentum", "{x}.pt"),
    Instead("pseudorapidity", "{x}.eta"),
    Instead("abseta", "abs({x}.eta)"),
    Instead("y", "{x}.rapidity"),
    Instead("q", "{x}.charge"),
    Instead("flavour", "{x}.flavor"),
    Instead("vect vec momentum", "{x}.p3"),
    Instead("lorentzvector fourvector fourmomentum tlv p4vector", "{x}.p4", "vector(pt=, eta=, phi=, mass=)"),
    Instead("tlorentzvector ptetaphimvector ptetaphimlorentzvector momentum4d",
            "{x}.p4", "{hz}vector(pt=, eta=, phi=, mass=)"),
    Instead("boost boosted boostto boosttocm", "{x}.in_frame(other): in the rest frame of other", "x.in_frame(other)"),
    Instead("l1 lep1 lepton1 mu1 daughter1 d1", "{x}.leg1"),
    Instead("l2 lep2 lepton2 mu2 daughter2 d2", "{x}.leg2"),
    Instead("ht scalarsum", "{hz}sum({x}.pt)", "{hz}sum(C.pt)"),
    # pairs
    Instead("oppositesign os oppsign oppositecharges opposite isos", "{x}.opposite_charge()",
            "{hz}pair(C).opposite_charge()"),
    Instead("samesign ss likesign samecharges", "{x}.same_charge()", "{hz}pair(C).same_charge()"),
    Instead("sameflavour sf sameflavours", "{x}.same_flavor()", "{hz}pair(C).same_flavor()"),
    Instead("ossf sfos oppositesignsameflavour oppositesignsameflavor", "{x}.same_flavor().opposite_charge()",
            "{hz}pair(C).same_flavor().opposite_charge()"),
    Instead("cartesian crossproduct product argcartesian cartesianproduct", "{hz}pair({x}, other)", "{hz}pair(A, B)"),
    Instead("choose distincts combs argcombinations comb unorderedpairs pairs distinct", "{hz}pair({x})",
            "{hz}pair(C), {hz}triple(C), or {hz}combinations(C, n)"),
    Instead("partner other", "{x} - z: what z leaves"),
    # angles
    Instead("deltar dr deltarapidityphi", "{hz}delta_r({x}, other)", "{hz}delta_r(a, b)"),
    Instead("deltaphi dphi phimpipi wrapphi", "{hz}delta_phi({x}, other)", "{hz}delta_phi(a, b)"),
    Instead("deltaeta deta", "{hz}delta_eta({x}, other)", "{hz}delta_eta(a, b)"),
    Instead("mt mtw transversemass mtransverse", "{x}.mt, or {hz}transverse_mass({x}, met)",
            "{hz}transverse_mass(a, b), or x.mt"),
    # choosing
    Instead("filter select cut query compress mask where keep", "{x}[condition]", "C[condition]"),
    Instead("nearestto closestto match matched matchto matchedto nearestobject",
            "near = B.per({x}), and near.argmin({hz}delta_r(near, {x}))",
            "near = B.per(A), and near.argmin({hz}delta_r(near, A))"),
    Instead("closest closestmass nearestmass nearestz closestz closesttoz best bestz", "{x}.nearest(91.2)",
            "C.nearest(91.2)"),
    Instead("first front firsts", "{x}[0]", "C[0]"),
    Instead("second", "{x}[1]", "C[1]"),
    Instead("last back", "{x} sorted the other way, [0]", "C sorted the other way, [0]"),
    Instead("lead leadingpt highestpt hardest", "{x}.leading()", "C.leading()"),
    Instead("sublead subleading trailing", "{x}.sort(-{x}.pt)[1]", "C.sort(-C.pt)[1]"),
    Instead("head take slice limit", "{x}[:n]", "C[:n]"),
    Instead("sortby sorted order orderby argsort sortedby reversed reverse sortdescending", "{x}.sort(key): ascending",
            "C.sort(key): ascending"),
    Instead("argmin minby", "{x}.argmin(key)", "C.argmin(key)"),
    Instead("argmax maxby", "{x}.argmax(key)", "C.argmax(key)"),
    Instead("sort", "{x}.sort(key)", "C.sort(key)"),
    Instead("concatenate concat combine merge union", "{x} | other", "A | B"),
    Instead("remove exclude without drop", "{x} - other", "A - x"),
    # reductions
    Instead("len length size num numberof count ncount getentries nelements", "{hz}count({x})", "{hz}count(C)"),
    Instead("nonzero countnonzero ntrue", "{hz}count({x})", "{hz}count(condition)"),
    Instead("average avg nanmean", "{hz}mean({x})", "{hz}mean(x)"),
    Instead("nanmax amax maxof", "{hz}max({x})", "{hz}max(x)"),
    Instead("nanmin amin minof", "{hz}min({x})", "{hz}min(x)"),
    Instead("nansum total add reduce", "{hz}sum({x})", "{hz}sum(x)"),
    Instead("isempty empty", "{hz}count({x}) == 0", "{hz}count(C) == 0"),
    Instead("alltrue", "{hz}all({x})", "{hz}all(condition)"),
    Instead("anytrue", "{hz}any({x})", "{hz}any(condition)"),
    # missing values
    Instead("fillnone fillna fillnull coalesce valueor default getordefault", "{x}.otherwise(y)", "x.otherwise(y)"),
    Instead("isnone isnull isna ismissing missing", "~{x}.exists", "~x.exists"),
    Instead("padnone pad", "{x}[i]: missing where there is none", "C[i]: missing where there is none"),
    Instead("dropna dropnone", "{x}[{x}.exists]", "C[C.exists]"),
    # numbers
    Instead("absolute fabs", "{hz}abs({x})", "{hz}abs(x)"),
    Instead("rint", "{hz}round({x})", "{hz}round(x)"),
    Instead("power pow", "{x}**n", "x**n"),
    Instead("square sq", "{x}**2", "x**2"),
    Instead("arcsin", "{hz}asin({x})", "{hz}asin(x)"),
    Instead("arccos", "{hz}acos({x})", "{hz}acos(x)"),
    Instead("arctan", "{hz}atan({x})", "{hz}atan(x)"),
    Instead("arctan2", "{hz}atan2({x}, y)", "{hz}atan2(y, x)"),
    Instead("arcsinh", "{hz}asinh({x})", "{hz}asinh(x)"),
    Instead("arccosh", "{hz}acosh({x})", "{hz}acosh(x)"),
    Instead("arctanh", "{hz}atanh({x})", "{hz}atanh(x)"),
    Instead("ln loge", "{hz}log({x})", "{hz}log(x)"),
    Instead("astype cast float double", "{x}.as_f64(), .as_f32(), .as_i64(), …", "x.as_f64(), x.as_i64(), …"),
    Instead("int", "{x}.as_i64()", "x.as_i64()"),
    Instead("ifelse iif ternary if", "{hz}where(condition, a, b)", "{hz}where(condition, a, b)"),
    Instead("isin oneof", "({x} == a) | ({x} == b)", "(x == a) | (x == b)"),
    Instead("inrange within", "{x}.between(a, b)", "x.between(a, b)"),
    # new attributes
    Instead("withfield define withcolumn addfield setattr", "{x}.assign(name=value)", "C.assign(name=value)"),
    Instead("zip", "{x}.assign(name=value)", "C.assign(name=value), or vector(pt=, eta=, phi=, mass=)"),
    Instead("flatten ravel explode", "{x} itself: a histogram has an entry for each element", "x itself"),
    Instead("map apply foreach", "an expression of {x}: it holds for each element", "an expression of x"),
)  # fmt: skip
_INSTEAD: Mapping[str, Instead] = MappingProxyType({n: row for row in _TABLE for n in row.names.split()})

#: What others call the parts of an analysis.
_OF_AN_ANALYSIS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("cut", "cuts", "select", "selection", "filter", "addcut", "channel", "require", "category"),
            'ana.region("name", condition, …)',
        ),
        **dict.fromkeys(
            ("hist", "histo", "histo1d", "histo2d", "fill", "book", "bookhisto", "plot", "addhistogram"),
            'ana.histogram("name", x, bins=…, range=(…), region=…)',
        ),
        **dict.fromkeys(
            ("snapshot", "save", "ntuple", "write", "column", "branch", "store", "display"), 'ana.output("name", x)'
        ),
        **dict.fromkeys(("files", "dataset", "addsample", "input"), 'ana.sample("name", files)'),
        **dict.fromkeys(("lumi", "intlumi", "intluminosity"), "ana.luminosity = 34.7/fb"),
        **dict.fromkeys(("scalefactor", "sf", "addweight", "eventweight"), 'ana.weight("name", x)'),
        **dict.fromkeys(("systematic", "systematics", "variation", "vary"), "hz.vary(x, name=(up, down))"),
        **dict.fromkeys(("execute", "process", "compute", "go"), "ana.run(files)"),
    }
)


#: Libraries whose functions text has without a prefix.
MODULES = frozenset({"hz", "np", "numpy", "ak", "awkward", "math", "ROOT", "TMath", "coffea"})


def _folded(name: str) -> str:
    return name.replace("_", "").rstrip("$").lower()


def _prefix() -> str:
    return spelled_call("")


#: Verbs of collections that are looked for on the numbers of one: ``pair(mu).mass.nearest(91.2)``.
_CHOICES = ("nearest", "leading", "opposite_charge", "same_charge", "same_flavor")


def of_attribute(name: str, known: Iterable[str], owner: str = "", value: bool = False) -> str | None:
    """Return what to write instead of ``x.name``: another language's name, a nearby one, a function; or None.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        The names that x has.
    owner : str
        How x is called, where the user's own text does not say so.
    value : bool
        Whether x is a number for each element: what is chosen or counted is what it belongs to.

    Examples
    --------
    >>> of_attribute("opposite_sign", ["leg1"], "pairs"), of_attribute("ptt", ["pt", "eta"])
    ('write pairs.opposite_charge()', 'did you mean pt?')
    """
    from hzdsl.lang.functions import FUNCTIONS

    place, names = user_place(), list(known)
    found = re.fullmatch(r"(.+)\.\w+", written(place), re.DOTALL)
    x = found[1] if found else owner or "x"
    same = next((k for k in names if _folded(k) == _folded(name)), None)
    if same is not None:
        return f"did you mean {same}?"
    row = _INSTEAD.get(_folded(name))
    if row is not None:
        whole, dot, last = x.rpartition(".")
        if value and dot and row.attribute.startswith(("{x}[", "{hz}count(")):
            x, last = whole, f".{last}" if row.attribute.startswith("{x}[") else ""
        text = row.attribute.format(x=x, hz=_prefix()) + (last if value and x == whole else "")
        return f"write {_with_arguments(text, place)}"
    whole, dot, _ = x.rpartition(".")
    if value and dot and name in _CHOICES:
        return f"choose first, then take the attribute: {whole}.{name}({', '.join(_arguments(place))})"
    if name in FUNCTIONS:
        return f"{name} is a function: {spelled_call(name)}({', '.join([x, *_arguments(place)])})"
    return did_you_mean(name, names) or _containing(name, names)


def attribute_called(name: str) -> str | None:
    """Return the attribute that others call `name`; None for no attribute.

    Examples
    --------
    >>> attribute_called("M"), attribute_called("E"), attribute_called("pt")
    ('mass', 'energy', None)
    """
    row = _INSTEAD.get(_folded(name))
    found = re.fullmatch(r"\{x\}\.(\w+)", row.attribute) if row is not None else None
    return found[1] if found else None


def of_function(name: str, known: Iterable[str], attributes: Iterable[str] = ()) -> str | None:
    """Return what to write instead of ``name(…)``, or of the bare name; None where nothing is near.

    Examples
    --------
    >>> of_function("deltaR", []), of_function("summ", ["sum"]), of_function("mass", [], ["mass"])
    ('write hz.delta_r(a, b)', 'did you mean sum?', 'mass is an attribute: x.mass')
    """
    names = list(known)
    if name in MODULES and user_place() is None:
        return "functions are written without a prefix: sqrt(x), count(C)"
    row = _INSTEAD.get(_folded(name))
    if row is not None:
        return f"write {(row.function or row.attribute).format(x='x', hz=_prefix())}"
    same = next((k for k in names if _folded(k) == _folded(name)), None)
    if same is not None:
        return f"did you mean {same}?"
    if name in attributes:
        return f"{name} is an attribute: x.{name}"
    return did_you_mean(name, names)


def of_analysis(name: str) -> str | None:
    """Return what to write instead of ``ana.name``, where another language has it.

    Examples
    --------
    >>> of_analysis("Histo1D")
    'write ana.histogram("name", x, bins=…, range=(…), region=…)'
    """
    found = _OF_AN_ANALYSIS.get(_folded(name))
    return f"write {found}" if found else None


def _containing(name: str, known: Iterable[str]) -> str | None:
    """Return the names that have this one in them."""
    found = [k for k in known if _folded(name) in _folded(k)][:3] if len(name) >= 3 else []  # iso
    return f"did you mean {' or '.join(found)}?" if found else None


def _arguments(place: Place | None) -> list[str]:
    """Return what stands between the brackets behind a place, where they are a call's and close on the line."""
    rest = "" if place is None else place.text.encode()[place.end_column :].decode(errors="replace")
    depth = 0
    for i, char in enumerate(rest):
        depth += (char in "([") - (char in ")]")
        if i == 0 and char != "(":
            return []
        if depth == 0:
            return [inside] if (inside := rest[1:i].strip()) else []
    return []


def _with_arguments(text: str, place: Place | None) -> str:
    """Return an advice with the user's own arguments, where it says what to do with one."""
    given = _arguments(place)
    for word in ("other", "condition", "key"):
        if given and given[0][0] not in "'\"" and "=" not in re.sub("[<>=!]=", "", given[0]):
            text = re.sub(rf"\b{word}\b", lambda _: given[0], text, count=1)
    return text
