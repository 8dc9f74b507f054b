"""Formulas of ROOT: what they mean, and what is refused. (tests/oracle compares random ones with ROOT itself.)"""

from __future__ import annotations

import math
import random

import pytest

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.errors import HzdslError
from hzdsl.ir.build import param
from hzdsl.stats.formulas import formula
from tests.stats.formulas import random_formula, value

A, B = 3.0, 0.5
GIVEN = {"a": A, "b": B}
#: Values that ROOT 6.40 gives, with a = 3 and b = 0.5.
SAID = {
    "@0*(1+0.01*@1)+pow(@1,2)": 3.265,
    "x[0]+x[1]": 3.5,
    "a*b": 1.5,
    "a + @1*b": 3.25,
    # signs and powers
    "-@0^2": -9,
    "(-@0)^2": 9,
    "-2^2": -4,
    "2^3^2": 512,
    "2^-1*@0": 1.5,
    "2^-@1^2": 0.8408964152537145,
    "-@0^-@1": -0.5773502691896257,
    "@0**2": 9,
    "@0--@1": 3.5,
    "@0*-@1": -1.5,
    "+@0": 3,
    # ints are ints
    "1/2": 0,
    "1/2*@0": 0,
    "@0*1/2": 1.5,
    "1./2": 0.5,
    "7/-2": -3,
    "(0-7)/2": -3,
    "1/2/2.": 0,
    "2^(1/2)": 1,
    "1./(-(0>@1))": math.inf,
    "2^3/3": 8 / 3,
    "int(@0/2)": 1,
    "abs(1)/2": 0,
    "fabs(-3)/2": 1.5,
    "max(3,1)/2": 1,
    "sq(3)/2": 4.5,
    "(@0>2)/2": 0,
    "true/2": 0,
    "(1?2:3)/4": 0,
    "(1?2:3.)/4": 0.5,
    "!1/2": 0,
    "10000000000/3": 3333333333,
    # conditions
    "@0>2?1:0": 1,
    "@0>2?@0<4?5:6:7": 5,
    "1<2<3": 1,
    "3>2>1": 0,
    "@0>2&&@1<1": 1,
    "!(@0>2)": 0,
    "!@0": 0,
    "!@0^2": 0,
    "(@0>2)*5": 5,
    "@0 == 3 && @1": 1,
    # functions and constants
    "pi": math.pi,
    "TMath::Pi()": math.pi,
    "TMath::Gaus(@0,1,2)": 0.6065306597126334,
    "TMath::Gaus(@0,1,2,1)": 0.12098536225957168,
    "TMath::Gaus(@0)": 0.011108996538242306,
    "TMath::BreitWigner(@0,1,2)": 0.06366197723675814,
    "TMath::Sign(@0,-@1)": -3,
    "ROOT::Math::normal_pdf(@0,2,1)": 0.12098536225957168,
    "TMath::Freq(@1)": 0.6914624612740131,
    "TMath::Erfc(3.5*@0)": 7.035928090177522e-50,
    "ROOT::Math::normal_cdf(@0,2,1)": 0.8413447460685429,
    "TMath::Log2(@0)": 1.5849625007211563,
    "std::pow(@0,2)": 9,
    "min(@0,@1)": 0.5,
    "1e3*@1": 500,
    ".5*@1": 0.25,
    "1.E-1*@1": 0.05,
}


@pytest.mark.parametrize("text", SAID)
def test_meaning(text: str) -> None:
    assert value(text, GIVEN) == pytest.approx(SAID[text], rel=1e-14)


def test_names_that_are_no_words() -> None:
    assert value("a-b*2+r", {"r": 1.0, "a-b": 10.0}) == 21
    assert value("shape.1 + shape.11", {"shape.1": 1.0, "shape.11": 10.0}) == 11


def test_a_name_of_an_argument_goes_before_a_constant() -> None:
    assert value("pi*e", {"pi": 2.0, "e": 3.0}) == 6


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("@0 +", "syntax", "^"),
        ("2@0", "syntax", "cannot be read"),
        ("@0 % 2", "syntax", "%"),
        ("@0++@1", "syntax", "write one +"),
        ("__import__('os')", "syntax", "cannot be read"),
        ("foo(@0)", "syntax", "foo is no function of formulas"),
        ("TMath::Pow(@0,2)", "syntax", "did you mean TMath::Power"),
        ("pow(@0)", "syntax", "takes 2 arguments, not 1"),
        ("TMath::Gaus()", "syntax", "takes 1 to 4 arguments, not 0"),
        ("1/0", "syntax", "divides a whole number by 0"),
        ("@2", "name-unknown", "its arguments are @0 = a, @1 = b"),
        ("x[2]", "name-unknown", "x[2]"),
        ("y[0]", "name-unknown", "write x[0]"),
        ("[0]*@0", "name-unknown", "write @0"),
        ("aa*b", "name-unknown", "aa"),
        ("-(" * 5000 + "@0" + ")" * 5000, "unsupported", "nested too deeply"),
    ],
)
def test_refused(text: str, code: str, said: str) -> None:
    with pytest.raises(HzdslError) as e:
        value(text, GIVEN)
    assert e.value.code == code
    assert said in str(e.value)


def test_long_sums_are_no_problem() -> None:
    assert value("+".join(["@0"] * 3000), GIVEN) == 9000


def test_compiled_code_agrees() -> None:
    rng = random.Random(1)
    texts = [random_formula(rng) for _ in range(60)]
    given = {"uno": A, "duo": B}
    nodes = tuple(formula(t, {n: param(n, x) for n, x in given.items()}) for t in texts)
    dumps = CodegenBackend().compile(Program(dumps=nodes)).run(Chunk(1, {}, {}), given).dumps
    for text, dump in zip(texts, dumps, strict=True):
        assert float(dump.values[0]) == pytest.approx(value(text, given), rel=1e-13, nan_ok=True), text
