"""The graph: interning, types, units, casts."""

from __future__ import annotations

import gc
from fractions import Fraction

import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, leaf_axes, lineage, parent, sees
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.presence import presence, proved
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType, arithmetic_dtype
from hzdsl.ir.units import ANY, CM, GEV, NONE, NS, PB, Unit, parse_unit, rescale


@pytest.fixture
def muon() -> Node:
    return make("collection", EVENT, name="Muon", counter="nMuon")


def column(axis: Node, attr: str, dtype: DType = DType.F32, unit: Unit = NONE) -> Node:
    return make("column", axis, name=f"x_{attr}", attr=attr, dtype=dtype, unit=unit)


def test_equal_expressions_are_one_node(muon: Node) -> None:
    pt = column(muon, "pt", unit=GEV)
    first = build.arithmetic("add", pt, build.const(1.0, GEV))
    assert first is build.arithmetic("add", pt, build.const(1.0, GEV))
    assert first is not build.arithmetic("add", pt, build.const(-1.0, GEV))


def test_constants_differ_by_bits() -> None:
    assert build.const(0.0, GEV) is not build.const(-0.0, GEV)
    assert build.const(float("nan")) is build.const(float("nan"))
    assert build.const(1) is not build.const(1.0)
    assert build.const(True) is not build.const(1)


def test_nodes_are_dropped_when_unused() -> None:
    text = make("param", name="only_here", bits=1, dtype=DType.I64, unit=NONE)
    key = id(text)
    del text
    gc.collect()
    again = make("param", name="only_here", bits=1, dtype=DType.I64, unit=NONE)
    assert isinstance(key, int)
    assert again.op == "param"


def test_nodes_never_change(muon: Node) -> None:
    with pytest.raises(AttributeError):
        muon.op = "other"


def test_a_very_deep_graph_is_walked() -> None:
    total = build.const(1.5)
    one = build.param("p", 1.0)
    for _ in range(20_000):
        total = build.arithmetic("add", total, one)
    assert len(topological([total])) == 20_003  # the terms, both leaves and the event axis
    assert "…" in spell(total)


def test_lineage(muon: Node) -> None:
    hard = members.select(muon, build.compare("lt", build.const(5.0, GEV), column(muon, "pt", unit=GEV)))
    pairs = make("choose", hard, n=2)
    assert lineage(hard) == [hard, muon, EVENT]
    assert parent(pairs) is EVENT
    assert sees(hard, muon)
    assert not sees(muon, hard)
    assert not sees(pairs, muon)
    assert leaf_axes(make("product", pairs, muon)) == ((muon,), (muon,), (muon,))


def test_multiplicity(muon: Node) -> None:
    two = make("slice", muon, start=0, stop=2)
    assert (two.type.lo, two.type.hi) == (0, 2)
    assert make("choose", make("slice", muon, start=0, stop=4), n=2).type.hi == 6
    assert make("nth", muon, i=0).type.optional


def test_presence_is_discharged_by_counts(muon: Node) -> None:
    second = members.take(column(muon, "pt", unit=GEV), make("nth", muon, i=1))
    (condition,) = presence(second)
    four = build.compare("le", build.const(4), members.count(muon))
    hard = members.select(muon, build.compare("lt", build.const(5.0, GEV), column(muon, "pt", unit=GEV)))
    two_hard = build.compare("eq", members.count(hard), build.const(2))
    one = build.compare("lt", build.const(0), members.count(muon))
    assert proved(condition, [four])
    assert proved(condition, [two_hard])
    assert not proved(condition, [one])


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ("f32", "f32", "f32"), ("f32", "i64", "f32"), ("f32", "u64", "f32"), ("f32", "f64", "f64"), ("i32", "i64", "i64"),
        ("i32", "u32", "u32"), ("u32", "i64", "i64"), ("i64", "u64", "u64"), ("bool", "bool", "i32"), ("bool", "f32", "f32"),
    ],
)  # fmt: skip
def test_arithmetic_dtypes_are_those_of_cpp(a: str, b: str, result: str) -> None:
    assert arithmetic_dtype(DType(a), DType(b)) is arithmetic_dtype(DType(b), DType(a)) is DType(result)


def test_integer_division_is_floating(muon: Node) -> None:
    n = column(muon, "n", DType.I32)
    assert build.arithmetic("div", n, n).type.dtype is DType.F64
    assert build.arithmetic("div", column(muon, "x"), n).type.dtype is DType.F32


def test_powers_with_a_whole_number_are_products(muon: Node) -> None:
    x = column(muon, "x", unit=GEV)
    cube = build.power(x, build.const(3))
    assert cube is build.arithmetic("mul", build.arithmetic("mul", x, x), x)
    assert cube.type.dtype is DType.F32
    assert str(cube.type.unit) == "GeV**3"
    assert build.power(build.cast(x, DType.F64), build.const(0.5)).op == "pow"


class TestUnits:
    def test_products_and_roots(self) -> None:
        assert str(GEV * GEV / CM) == "GeV**2/cm"
        assert (GEV * GEV) ** Fraction(1, 2) == GEV
        assert str(NONE / PB) == "1/pb"
        assert parse_unit("1/fb") == NONE / parse_unit("fb")

    @pytest.mark.parametrize(
        "text", ["GeV", "MeV", "TeV", "cm", "mm", "ns", "1/pb", "1/fb", "GeV**2", "GeV/cm", "1/GeV**2"]
    )
    def test_spelling_reads_back(self, text: str) -> None:
        assert parse_unit(str(parse_unit(text))) == parse_unit(text)

    def test_odd_products_read_back(self) -> None:
        unit = parse_unit("MeV") * parse_unit("mm") / NS
        assert parse_unit(str(unit)) == unit

    def test_rescaling_is_exact(self) -> None:
        assert rescale(91.2, GEV, parse_unit("MeV")) == 91200.0
        assert rescale(0.1, parse_unit("MeV"), GEV) == 0.0001

    def test_a_literal_is_rescaled_when_the_graph_is_built(self, muon: Node) -> None:
        pt = column(muon, "pt", unit=parse_unit("MeV"))
        cut = build.compare("lt", build.const(7.0, GEV), pt)
        assert build.const_value(cut.args[0]) == 7000.0

    def test_zero_and_infinity_fit_every_unit(self, muon: Node) -> None:
        pt = column(muon, "pt", unit=GEV)
        for number in (0, 0.0, float("inf"), float("nan")):
            assert build.compare("lt", pt, build.const(number)).type.dtype is DType.BOOL
        assert build.const(0).type.unit is ANY

    @pytest.mark.parametrize("op", ["add", "sub", "mod"])
    def test_different_dimensions_do_not_add(self, muon: Node, op: str) -> None:
        with pytest.raises(HzdslError, match="GeV"):
            build.arithmetic(op, column(muon, "pt", unit=GEV), column(muon, "dz", unit=CM))

    def test_functions_take_numbers(self, muon: Node) -> None:
        with pytest.raises(HzdslError, match="log takes a plain number"):
            build.function("log", column(muon, "pt", unit=GEV))

    def test_mixed_scales_meet_in_f64_in_the_left_one(self, muon: Node) -> None:
        total = build.arithmetic("add", column(muon, "a", unit=parse_unit("MeV")), column(muon, "b", unit=GEV))
        assert total.type.dtype is DType.F64
        assert str(total.type.unit) == "MeV"


def test_u64_compares_with_negative_numbers_by_value(muon: Node) -> None:
    node = build.compare("lt", column(muon, "i", DType.I64), column(muon, "u", DType.U64))
    assert {n.op for n in topological([node])} >= {"or", "lt", "cast"}


def test_every_operation_is_documented() -> None:
    for op in OPS.values():
        assert op.doc.endswith(".") or op.doc.endswith(";"), op.name
        assert op.example, op.name


class TestPrinting:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("(run | event) & luminosityBlock", "(run | event) & luminosityBlock"),
            ("((run << 1) | event) << 2", "(run << 1 | event) << 2"),
            ("(MET.pt/GeV)**0.5**0.3", "(MET.pt / 1 GeV)**0.3535533905932738"),
            ("Muon[1].charge != 1", "Muon[1].charge != 1"),
            ("(MET.pt > 1 GeV) == (MET.phi > 1)", "(MET.pt > 1 GeV) == (MET.phi > 1)"),
            ("MET.pt - (MET.sumEt - MET.pt)", "MET.pt - (MET.sumEt - MET.pt)"),
            ("-(MET.phi**0.5)", "-MET.phi**0.5"),
            ("(-MET.phi)**0.5", "(-MET.phi)**0.5"),
        ],
    )
    def test_the_text_reads_back(self, text: str, expected: str) -> None:
        import hzdsl as hz
        from hzdsl.text import loads

        def node(expression: str) -> Node:
            found = loads(f"define = '''x = {expression}'''").x
            assert isinstance(found, hz.Value)
            return found.node

        first = node(text)
        printed = spell(first)
        assert node(printed) is first, printed
        if "0.35" not in expected:
            assert printed == expected
