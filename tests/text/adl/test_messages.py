"""Golden messages for what usually goes wrong in ADL: code, words, the user's line with a caret, the fix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

JETS = "object jets : JET\n  select pT > 30\n"
REGION = (
    JETS
    + "table eff\n  0.5 0 50\ndefine Z = MUO[-1] MUO[-1]\ndefine Y = MUO[-1] JET[-1]\nregion sr\n  select size(jets) > 1\n"
)

#: A line of a region, what is said of it, what the caret underlines, and the fix.
LINES = [
    ("slect MET > 3", "syntax", "'slect' is no keyword here", "slect", "did you mean select?"),
    ("select size(jets > 2", "syntax", "'(' is never closed", "(", "add ')'"),
    ("select size(jets)) > 2", "syntax", "')' closes no '('", ")", None),
    ("select size(jets) = 2", "syntax", "'=' is not an operator here", "=", "write '==' to compare"),
    ("select size(jets) > 2 & MET > 3", "syntax", "'&' is not an operator here", "&", "write 'and'"),
    ("select pT(jets[0]) [] 3", "syntax", "the text ends where a name or a number is expected", "", None),
    ("select", "syntax", "an expression is missing here", "", None),
    ("select pT(jets) > 50", "axis", "a requirement of region 'sr' has a value per Jet[Jet.pt > 30 GeV]: Jet[Jet.pt > 30 GeV].pt > 50 GeV",
     "pT(jets) > 50", "say of how many: any(…), all(…), count(…) >= n"),
    ("select fMT2(jets[0], jets[1]) > 50", "unsupported", "'fMT2' of 2 arguments is no function of ADL that is known here",
     "fMT2(jets[0], jets[1])", None),
    ("select size(jetz) > 5", "name-unknown", "'jetz' is not defined", "jetz", None),
    ("select pT(leptons[0]) > 5", "name-unknown", "'leptons' is not defined", "leptons", None),
    ("select leptons[0].pT > 5", "name-unknown", "'leptons' is not defined", "leptons", None),
    ("select pT > 1", "name-unknown", "'pT' is not defined", "pT", "write pT(…) of something"),
    ("select pTT(jets[0]) > 50", "attribute", "Jet[Jet.pt > 30 GeV] has no attribute 'pTT'", "pTT", "did you mean pt?"),
    ("select jets[0].ptt > 50", "attribute", "Jet[Jet.pt > 30 GeV] has no attribute 'ptt'", "ptt", "did you mean pt?"),
    ("select MET + size(jets) > 1", "unit", "MET.pt is in GeV, count(Jet[Jet.pt > 30 GeV]) is a plain number", "MET + size(jets)",
     "bring both to one unit before '+'"),
    ("select dR(jets[0], MET) > 1", "attribute", "MET has no eta: it is a transverse vector", "dR(jets[0], MET)", "use delta_phi, transverse_mass"),
    ("select dR(jets[0], 3) > 1", "arguments", "an object or collection is expected here", "3", "jets, jets[0], Muo[0] Muo[1]"),
    ("select pT(3) > 1", "arguments", "an object or collection is expected here", "3", "jets, jets[0], Muo[0] Muo[1]"),
    ("select dR(jets[0]) > 1", "arguments", "dR does not take 1 argument", "dR(jets[0])", "dR, dPhi, dEta: two objects; the others: one expression"),
    ("select jets[size(jets)].pt > 3", "unsupported", "an index is a whole number: which element cannot be computed", "size(jets)", None),
    ("select m(Muo[-1] Muo[-1]) > 50", "unsupported", "an index that is to be found has no meaning here", "Muo[-1]",
     "define Z = Muo[-1] Muo[-1], and in the region: select m(Z) ~= 91.2"),
    ("select MET ~= 3", "unsupported", "'~=' and '~!' choose combinations with open indices; here there is nothing to be chosen", "MET ~= 3",
     "define Z = Muo[-1] Muo[-1], and select m(Z) ~= 91.2"),
    ("select size(jets)", "dtype", "a requirement of region 'sr' is i64: count(Jet[Jet.pt > 30 GeV])", "size(jets)", "compare it with something"),
    ("bse", "name-unknown", "there is no region or list of histograms 'bse'", "bse", "regions and lists: sr"),
    ("reject m(Z) ~= 91.2", "unsupported", "'~=' and '~!' choose, and cannot be rejected", "m(Z) ~= 91.2", "define Z = Muo[-1] Muo[-1], and select m(Z) ~= 91.2"),
    ("select m(Z) + m(Y) ~= 180", "unsupported", "MUO[-1] is a part of Y and of Z", "m(Z) + m(Y) ~= 180",
     "give the particles of the one other indices than those of the other"),
    ("weight w", "syntax", "a weight has a name and an expression", "w", "weight pileup puWeight"),
    ("weight w pT(jets)", "axis", None, "w pT(jets)", None),
    ("weight w size(jetz)", "name-unknown", "'jetz' is not defined", "jetz", "did you mean jets?"),
    ("save events", "unsupported", "'save' names no values, and events are not written whole", "save", "save leptons csv pT(leptons[0]) MET"),
    ("print", "unsupported", "'print' names no values, and events are not written whole", "print", "print pT(leptons[0]) MET"),
    ("print MET jetz", "name-unknown", "'jetz' is not defined", "jetz", "did you mean jets?"),
    ('save x csv MET "MET" size(jets)', "name-twice", "output 'MET' is declared twice in region sr", 'x csv MET "MET" size(jets)', None),
    ("select eff(MET, 2) > 1", "arguments", "table 'eff' is of 1 variable, and 2 are given", "eff(MET, 2)", None),
    ("select applyHM(eff(MET)) > 1", "arguments", "applyHM takes a table's value and 1 or 0", "eff(MET)", "applyHM(efficiency(pT) == 1)"),
    ("select applyHM(eff(MET) == 2)", "arguments", "applyHM takes a table's value and 1 or 0", "eff(MET) == 2", "applyHM(efficiency(pT) == 1)"),
    ("select applyHM(pT(MET) == 1)", "name-unknown", "there is no table 'pT'", "pT", "tables: eff"),
    ("select size(jets) > 2 ? MET", "dtype", None, None, None),
    ("TRGm 1", "unsupported", "'TRGm' steers CutLang, and says nothing of the analysis", "TRGm", "remove the line"),
    ("select size(daughters(GEN)) > 1", "unsupported", "daughters of a particle of the input are not in this version", "daughters(GEN)", None),
    ("select constituents(jets[0]) > 1", "unsupported", "constituents of an object are not in this version", "constituents(jets[0])", None),
    ('select mu "mu_phi" > 1', "syntax", 'text has a meaning behind HLT only: HLT "HLT_IsoMu24"', '"mu_phi"', None),
    ("sort m(this) descend", "name-unknown", "'this' is not defined", "this", None),
    ("sort pT(jets[0]) descend", "syntax", "an attribute of a collection, and ascend or descend", "pT(jets[0]) descend", None),
    ("trigger HLX_Mu", "name-unknown", "'HLX_Mu' is not defined", "HLX_Mu", None),
    ("bins MET", "syntax", "bins are an expression and two edges at least", "MET", "bins MET 300 500 700"),
    ("sort pT descend", "syntax", "an attribute of a collection, and ascend or descend", "pT descend", "sort pT(jets) descend"),
    ("sort pT(jets) down", "arguments", "a collection is sorted 'ascend' or 'descend'", "down", None),
    ("histo h, 10, 0, 100", "binning", "histogram 'h' has 1 binning and no expressions", "h", 'histo hmet, "MET (GeV)", 20, 0, 100, MET'),
    ("histo h, 10, 100, 0, MET", "binning", "histogram 'h': the range (100.0, 0.0) runs the wrong way round", "h", "write the lower edge first"),
    ("histo h, 10, 0, 100, METT", "name-unknown", "'METT' is not defined", "METT", "did you mean MET?"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "said", "under", "fix"), LINES, ids=[c[0] for c in LINES])
def test_lines(
    line: str, code: str, said: str | None, under: str | None, fix: str | None, refused_adl: Callable[[str], str]
) -> None:
    found = refused_adl(f"{REGION}  {line}\n").splitlines()
    assert found[0].startswith(f"error[{code}]: ")
    assert said is None or found[0] == f"error[{code}]: {said}"
    assert found[1] == "  at spec.adl:9"
    assert found[2] == f"    {line}"
    start, end = found[3].index("^"), found[3].rindex("^") + 1
    assert under is None or found[2][start:end] == under
    if fix is not None:
        assert found[4] == f"  fix: {fix}"


#: Files that do not load: what is said, and in which line.
FILES = [
    ("pT > 3\n", "error[syntax]: 'pT' is no keyword here", 1),
    ("histo h, 10, 0, 1, MET\n", "error[syntax]: 'histo' is no keyword here", 1),
    ("object jets\n  select pT > 3\n", "error[syntax]: object 'jets' is made of nothing", 1),
    ("object jets : jets\n", "error[cycle]: 'jets' is defined by itself: jets → jets", 1),
    (JETS + JETS, "error[name-twice]: 'jets' is defined twice, first in spec.adl:1", 3),
    ("region a\nregion a\n", "error[name-twice]: there are two regions called 'a'", 2),
    ("region a : b\nregion b : a\n", "error[cycle]: region 'a' is built upon itself: a → b → a", 1),
    ("define x = y\ndefine y = x\n", "error[cycle]: 'x' is defined by itself: x → y → x", 2),
    ("define x\n", "error[syntax]: a definition has a name", 1),
    ("define Z = Muo[-1] Muo[-1]\nregion a\n  select m(Z) > 3\n", "error[arguments]: which Z is meant has not been said", 3),
    ("region a b\n", "error[syntax]: 'region' is followed by one name", 1),
    ("object a : COMB(jets[0] jets[1])\n", "error[arguments]: a combination is of open indices, [-1], [-2] …", 1),
    ("composite a\n  take disjoint(MUO, MUO)\n", "error[arguments]: disjoint takes collections with names", 2),
    ("composite a\n  take disjoint(MUO m, MUO m)\n", "error[name-twice]: two members are called 'm'", 2),
    ("table t\n  nvars 1\n", "error[spec-value]: table 't' has no rows", 1),
    ("table t\n  nvars 3\n  1 2 3\n", "error[spec-value]: table 't' has nvars 3, errors false", 1),
    ("table t\n  errors maybe\n  1 2 3\n", "error[spec-value]: table 't' has nvars 1, errors maybe", 1),
    ("table t\n  1 2\n", "error[spec-value]: a row of table 't' has 3 numbers", 2),
    ("table t\n  errors true\n  1 2 3\n", "error[spec-value]: a row of table 't' has 5 numbers", 3),
    ("table t\n  hello 1 2\n", "error[spec-value]: a row of table 't' has 3 numbers", 2),
    ("table t\n  1 3 2\n", "error[binning]: a range of table 't' runs the wrong way round", 2),
    ("table t\n  1 2 3\n  1 2 4\n", "error[binning]: two rows of table 't' overlap", 3),
    ("table t\n  1 2 3\ntable t\n  1 2 3\n", "error[name-twice]: there are two tables called 't'", 3),
    ("region a\n  weight w 2\nregion b\n  select MET > 3\n", "error[unsupported]: weight 'w' of region 'a' is not that of region 'b'", 2),
    ("region a\n  weight w 2\n  weight w 2\n", "error[name-twice]: region 'a' has two weights called 'w'", 3),
    ("region a\n  reject a\n", "error[name-unknown]: 'a' is not defined", 2),
    ("systematic s\n", "error[unsupported]: systematic variations are not read from ADL", 1),
    ("info adl\n  inputformat Delphes\n", "error[name-unknown]: there is no schema called 'Delphes'", 2),
    ("trigger t\nregion a\n  trigger t\n", "error[arguments]: trigger 't' has no paths", 3),
    ("object a : JET\n  select dR(this, MUO) ~= 0\n", "error[unsupported]: '~=' and '~!' choose a combination, and stand alone", 2),
    ("object a : MET\n  select pT > 3\n", "error[arguments]: <MET @ event> is one object per event", 2),
    ("define pt = 3\nobject a : JET\n  select pt > 3\n", "error[name-twice]: 'pt' is an attribute of the current element and", 3),
    ("region a\n  select " + "(" * 300 + "MET" + ")" * 300 + " > 3\n", "error[syntax]: the expression is nested more than 200", 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "line"), FILES, ids=[c[1] for c in FILES])
def test_files(text: str, said: str, line: int, refused_adl: Callable[[str], str]) -> None:
    found = refused_adl(text).splitlines()
    assert found[0].startswith(said)
    assert found[1] == f"  at spec.adl:{line}"
    assert "^" in found[3]
