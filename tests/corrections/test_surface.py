"""`hz.correction` in Python and `[corrections]` in text: units, names, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from correctionlib import CorrectionSet

import hzdsl as hz
from hzdsl.backends.base import Backend, Chunk, Program
from hzdsl.ir.node import Node, topological
from hzdsl.text import loads
from tests.corrections.conftest import Write, jet_energy, scale_factor

ETA = np.array([0.1, 1.3, -2.1, 0.7, 2.3], np.float32)
PT = np.array([17.0, 25.5, 200.0, 14.0, 30.0], np.float32)
SCHEMA = 'collections.Jet = {{ prefix = "Jet_", fields = {{ pt = "f32 {unit}", eta = "f32" }} }}'


def jets(tmp_path: Path, unit: str = "GeV") -> Any:
    (tmp_path / f"{unit}.toml").write_text("[schema]\n" + SCHEMA.format(unit=unit), encoding="utf-8")
    return hz.events(f"{unit}.toml", folder=str(tmp_path)).Jet


def values(backend: Backend, value: Any, scale: float = 1.0) -> tuple[list[float], list[bool]]:
    chunk = Chunk(1, {"Jet_pt": (PT * scale).astype(np.float32), "Jet_eta": ETA}, {"Jet": np.array([0, len(PT)])})
    (dump,) = backend.compile(Program(dumps=(value.node,))).run(chunk, {}).dumps
    return dump.values.tolist(), dump.valid.tolist()


def test_a_scale_factor(backend: Backend, muon_file: str, tmp_path: Path) -> None:
    jet, sf = jets(tmp_path), hz.correction(muon_file, "tight_id")
    package = CorrectionSet.from_file(muon_file)["tight_id"]
    for kind in ("nominal", "systup", "systdown"):
        found, present = values(backend, sf(abseta=abs(jet.eta), pt=jet.pt, scale_factors=kind))
        assert found == package.evaluate(abs(ETA).astype(float), PT.astype(float), kind).tolist()
        assert all(present)


def test_a_scale_factor_is_one_search_a_direction(muon_file: str, tmp_path: Path) -> None:
    """The bins of pt in all bins of eta are the same: one table of both."""
    jet = jets(tmp_path)
    node = hz.correction(muon_file, "tight_id")(abseta=abs(jet.eta), pt=jet.pt, scale_factors="nominal").node
    ops = [n.op for n in topological([node])]
    assert (ops.count("search"), ops.count("entry")) == (2, 1)


def test_formulas_of_one_shape_are_one(jet_file: str, tmp_path: Path) -> None:
    jet = jets(tmp_path)
    node = hz.correction(jet_file, "L2")(JetEta=jet.eta, JetPt=jet.pt).node
    ops = [n.op for n in topological([node])]
    assert (ops.count("search"), ops.count("entry"), ops.count("math")) == (1, 2, 1)
    assert not node.type.optional


def test_energies_go_in_as_gev(backend: Backend, jet_file: str, tmp_path: Path) -> None:
    """An MeV file gives what the GeV file of the same events gives."""
    package = CorrectionSet.from_file(jet_file)["L2"]
    gev, mev = jets(tmp_path), jets(tmp_path, "MeV")
    correct = hz.correction(jet_file, "L2")
    expected = package.evaluate(ETA.astype(float), PT.astype(float)).tolist()
    assert values(backend, correct(JetEta=gev.eta, JetPt=gev.pt))[0] == expected
    in_mev = (PT * 1000).astype(np.float32)
    expected = package.evaluate(ETA.astype(float), in_mev.astype(float) / 1000).tolist()
    assert values(backend, correct(JetEta=mev.eta, JetPt=mev.pt), 1000)[0] == expected
    fixed = correct(JetEta=0.0, JetPt=25 * hz.GeV).node
    assert fixed is correct(JetEta=0.0, JetPt=25_000 * hz.MeV).node
    assert fixed is correct(JetEta=0.0, JetPt=25.0 * hz.GeV).node


def test_compound(backend: Backend, jet_file: str, tmp_path: Path) -> None:
    """(The package sees the pt that the first correction made; `+`, `*`, `/` and `last` of results.)"""
    jet = jets(tmp_path)
    found, _ = values(backend, hz.correction(jet_file, "L1L2")(JetEta=jet.eta, JetPt=jet.pt))
    package = CorrectionSet.from_file(jet_file).compound["L1L2"]
    assert found == package.evaluate(ETA.astype(float), PT.astype(float)).tolist()


@pytest.mark.parametrize("input_op", ["+", "*", "/"])
@pytest.mark.parametrize("output_op", ["+", "*", "/", "last"])
def test_compound_operations(backend: Backend, write: Write, tmp_path: Path, input_op: str, output_op: str) -> None:
    document = jet_energy()
    document["compound_corrections"][0] |= {"input_op": input_op, "output_op": output_op}
    path, jet = write(document), jets(tmp_path)
    found, _ = values(backend, hz.correction(path, "L1L2")(JetEta=jet.eta, JetPt=jet.pt))
    package = CorrectionSet.from_file(path).compound["L1L2"]
    assert found == package.evaluate(ETA.astype(float), PT.astype(float)).tolist()


def test_outside_of_the_bins_is_missing(backend: Backend, muon_file: str, tmp_path: Path) -> None:
    """The package raises for flow = "error"; here the value is missing until `.otherwise` says what it is."""
    jet, sf = jets(tmp_path), hz.correction(muon_file, "tight_id")
    value = sf(abseta=2 * abs(jet.eta), pt=jet.pt, scale_factors="nominal")
    assert value.node.type.optional
    assert values(backend, value)[1] == [True, False, False, True, False]
    assert values(backend, value.otherwise(1))[0][1:3] == [1.0, 1.0]


def test_what_is_missing_stays_missing(backend: Backend, write: Write, tmp_path: Path) -> None:
    """Also where every bin holds the same number, and where a default is given."""
    base = {"version": 1, "output": {"name": "w", "type": "real"}, "inputs": [{"name": "pt", "type": "real"}]}
    same = {"nodetype": "formula", "expression": "2", "parser": "TFormula", "variables": []}
    edges = {"nodetype": "binning", "input": "pt", "edges": [0.0, 10.0, 1e4]}
    flat = {"name": "flat", "data": {**edges, "content": [same, same], "flow": "clamp"}}
    default = {"name": "default", "data": {**edges, "content": [1.0, 2.0], "flow": 7.0}}
    path = write({"schema_version": 2, "corrections": [{**base, **flat}, {**base, **default}]})
    third = jets(tmp_path)[[5, 1][0]].pt  # there are only five
    for name in ("flat", "default"):
        assert values(backend, hz.correction(path, name)(pt=third))[1] == [False]


TEXT = """
[corrections]
sf = { file = "muon.json.gz", name = "tight_id" }
"""


def test_text(muon_file: str, tmp_path: Path) -> None:
    text = 'define = """\nid_sf(kind) = prod(sf(abseta = abs(Muon.eta), pt = Muon.pt, scale_factors = kind))\nup = id_sf(\'systup\')"""\n'
    library = loads(text + TEXT, folder=str(tmp_path))
    mu = hz.events("nanoaod").Muon
    sf = hz.correction(muon_file, "tight_id")
    assert library.up.node is hz.prod(sf(abseta=abs(mu.eta), pt=mu.pt, scale_factors="systup")).node
    assert library.sf(abseta=abs(mu.eta), pt=mu.pt, scale_factors="nominal").node.type.dtype.value == "f64"


@pytest.mark.parametrize(
    ("expression", "code", "said"),
    [
        ("sf(abseta = Muon.eta, pt = Muon.pt)", "arguments", "it lacks scale_factors (string)"),
        ("sf(Muon.eta)", "arguments", "takes its inputs by name"),
        ("sf + 1", "arguments", "'sf' is a function"),
        ("sf(abseta = Muon.eta, pt = Muon.pt, scale_factors = 'sysup')", "arguments", "did you mean systup"),
    ],
)
def test_text_refusals(muon_file: str, tmp_path: Path, expression: str, code: str, said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        loads(f'define = """\nx = {expression}"""\n' + TEXT, folder=str(tmp_path)).x  # noqa: B018
    assert error.value.code == code
    assert said in str(error.value)
    assert error.value.place is not None


@pytest.mark.parametrize(
    ("table", "code", "line"),
    [
        ('{ file = "none.json", name = "tight_id" }', "file-missing", 3),
        ('{ file = "muon.json.gz", name = "tightid" }', "name-unknown", 3),
        ('{ file = "muon.json.gz" }', "spec-key", 3),
    ],
)
def test_text_tables(muon_file: str, tmp_path: Path, table: str, code: str, line: int) -> None:
    text = TEXT.replace('{ file = "muon.json.gz", name = "tight_id" }', table)
    with pytest.raises(hz.HzdslError) as error:
        loads(text, folder=str(tmp_path))
    assert (error.value.code, error.value.place and error.value.place.line) == (code, line)


# ---- refusals in Python --------------------------------------------------------------------------------------------


def refused(code: str, said: str, call: Any) -> None:
    with pytest.raises(hz.HzdslError) as error:
        call()
    assert error.value.code == code, error.value
    assert said in str(error.value)


def test_all_wrong_inputs_at_once(muon_file: str, tmp_path: Path) -> None:
    jet, sf = jets(tmp_path), hz.correction(muon_file, "tight_id")
    refused("arguments", "no input 'eta'", lambda: sf(eta=jet.eta))
    refused("arguments", "pt (real: transverse momentum in GeV), scale_factors (string)", lambda: sf(eta=jet.eta))
    refused("arguments", "did you mean abseta?", lambda: sf(absEta=jet.eta, pt=jet.pt, scale_factors="nominal"))


def test_inputs_of_the_wrong_type(muon_file: str, write: Write, tmp_path: Path) -> None:
    jet, sf = jets(tmp_path), hz.correction(muon_file, "tight_id")
    refused("arguments", "is a text", lambda: sf(abseta=jet.eta, pt=jet.pt, scale_factors=jet.pt))
    refused("arguments", "is a number, not 'x'", lambda: sf(abseta="x", pt=jet.pt, scale_factors="nominal"))
    refused("dtype", "is an object", lambda: sf(abseta=jet, pt=jet.pt, scale_factors="nominal"))
    whole = {
        "name": "w",
        "version": 1,
        "inputs": [{"name": "n", "type": "int"}],
        "output": {"name": "w", "type": "real"},
    }
    path = write({"schema_version": 2, "corrections": [{**whole, "data": 1.0}]}, "whole.json")
    refused("dtype", "is an integer", lambda: hz.correction(path, "w")(n=jet.pt))


def test_the_names_of_a_file(muon_file: str) -> None:
    refused("name-unknown", "did you mean tight_id?", lambda: hz.correction(muon_file, "tightid"))
    assert repr(hz.correction(muon_file, "tight_id")).startswith("<correction 'tight_id' of abseta (real: ")


def broken(**changes: Any) -> dict[str, Any]:
    return {"schema_version": 2, "corrections": [{**scale_factor(), **changes}]}


FORMULA = {"nodetype": "formula", "parser": "TFormula", "variables": ["pt"]}
BINS = {"nodetype": "binning", "input": "pt", "edges": [0.0, 1.0], "flow": "clamp", "content": [1.0]}


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("{", "spec-format", "is no JSON"),
        ("[" * 100_000, "spec-format", "nested too deeply"),
        ("[1]", "spec-format", "no schema_version"),
        ({"schema_version": 1, "corrections": []}, "spec-format", "schema version 1"),
        ({"schema_version": 2, "corrections": {}}, "name-unknown", "holds no correction"),
        ({"schema_version": 2, "corrections": [3]}, "spec-value", "corrections[0] has no 'name'"),
        (broken(data=None), "spec-value", "corrections[0].data is neither a number nor one of"),
        (broken(data={"nodetype": "lwtnn"}), "unsupported", "neural network"),
        (broken(data={"nodetype": "switch"}), "spec-value", "corrections[0].data is neither"),
        (broken(data={**BINS, "edges": [1.0, 0.0]}), "spec-value", "corrections[0].data.edges does not ascend"),
        (broken(data={**BINS, "edges": {"n": 0, "low": 0, "high": 1}}), "spec-value", "is no binning"),
        (broken(data={**BINS, "content": []}), "spec-value", "0 entries for 1 bins"),
        (broken(data={**BINS, "content": ["1"]}), "spec-value", "corrections[0].data.content[0] is neither"),
        (broken(data={**BINS, "input": "eta"}), "spec-value", "names 'eta', which is no input"),
        (broken(data={**BINS, "input": "scale_factors"}), "spec-value", "an input of type string where real or int"),
        (broken(data={**FORMULA, "expression": "x", "parser": "numexpr"}), "spec-value", "parser is 'numexpr'"),
        (broken(inputs=[{"name": "pt", "type": "float"}]), "spec-value", "inputs[0].type is 'float'"),
        (broken(data={"nodetype": "formularef", "index": 0, "parameters": []}), "spec-value", "0 generic formulas"),
    ],
)  # fmt: skip
def test_bad_files(write: Write, content: Any, code: str, said: str) -> None:
    path = write(content)
    refused(code, said, lambda: hz.correction(path, "tight_id"))


def test_damaged_files(write: Write, muon_file: str) -> None:
    refused("file-missing", "cannot be read", lambda: hz.correction("none.json", "x"))
    data = Path(muon_file).read_bytes()
    Path(muon_file).write_bytes(data[: len(data) // 2])
    refused("file-truncated", "is damaged", lambda: hz.correction(muon_file, "x"))


@pytest.mark.parametrize(
    ("expression", "code", "said"),
    [
        ("x +", "syntax", "cannot be read"),
        ("x + )", "syntax", "^"),
        ("__import__('os')", "syntax", "cannot be read"),
        ("foo(x)", "syntax", "foo is no function"),
        ("sqt(x)", "syntax", "did you mean sqrt?"),
        ("log(x, x)", "syntax", "with 2 arguments"),
        ("y", "spec-value", "variable 1 of 1"),
        ("[0]", "spec-value", "parameter [0] of 0"),
        ("(" * 5000 + "x" + ")" * 5000 + "+1", None, ""),
        ("-(" * 5000 + "x" + ")" * 5000, "unsupported", "nested too deeply"),
    ],
)  # fmt: skip
def test_bad_formulas(write: Write, expression: str, code: str | None, said: str) -> None:
    inputs = [{"name": "pt", "type": "real"}]
    path = write(broken(inputs=inputs, data={**FORMULA, "expression": expression}))
    correction = hz.correction(path, "tight_id")
    if code is None:
        assert isinstance(correction(pt=1.0).node, Node)
    else:
        refused(code, said, lambda: correction(pt=1.0))


def test_a_long_sum_is_not_deep(backend: Backend, write: Write) -> None:
    inputs = [{"name": "pt", "type": "real"}]
    path = write(broken(inputs=inputs, data={**FORMULA, "expression": "+".join(["x"] * 3000)}))
    value = hz.correction(path, "tight_id")(pt=0.1)
    (dump,) = backend.compile(Program(dumps=(value.node,))).run(Chunk(1, {}, {}), {}).dumps
    total = 0.0
    for _ in range(3000):
        total += 0.1
    assert dump.values.tolist() == [total]
    assert math.isclose(total, 300)
