"""Formulas of ROOT by the interpreter, and random ones."""

from __future__ import annotations

import random
from collections.abc import Mapping

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir.build import param
from hzdsl.stats.formulas import formula

#: Functions of one double that are defined everywhere on (0.1, 0.9) and beyond, and their synonyms.
ANYWHERE = (
    *("exp", "sin", "cos", "tanh", "sinh", "cosh", "atan", "asinh", "erf", "abs", "fabs", "sq", "floor", "ceil"),
    *("TMath::Exp", "TMath::Sin", "TMath::Cos", "TMath::TanH", "TMath::ATan", "TMath::Erf", "TMath::Abs", "TMath::Sq"),
    *("TMath::Gaus", "TMath::BreitWigner", "std::exp", "expm1"),
    *("erfc", "TMath::Erfc", "TMath::Freq", "ROOT::Math::normal_cdf", "ROOT::Math::normal_pdf"),
)
POSITIVE = ("log", "log10", "sqrt", "TMath::Log", "TMath::Log10", "TMath::Sqrt", "log1p")
TWO = ("pow", "TMath::Power", "atan2", "TMath::ATan2", "TMath::Min", "TMath::Max", "min", "max", "TMath::Hypot")
ARGUMENTS = ("@0", "@1", "x[0]", "x[1]", "uno", "duo", "1.5", "0.25", "2.", ".5", "1e-1", "pi")
WHOLE = ("1", "2", "3", "7", "10")


def value(text: str, values: Mapping[str, float]) -> float:
    """The value of a formula."""
    node = formula(text, {name: param(name, v) for name, v in values.items()})
    dump = InterpretBackend().compile(Program(dumps=(node,))).run(Chunk(1, {}, {}), dict(values)).dumps[0]
    return float(dump.values[0])


def random_formula(rng: random.Random, depth: int = 3) -> str:
    """A formula of uno and duo that is a double, in which whole numbers occur, too."""
    if depth == 0:
        return rng.choice(ARGUMENTS)
    inner = [random_formula(rng, depth - 1) for _ in range(3)]
    whole = random_whole(rng, depth - 1)
    kinds = (
        lambda: f"{inner[0]}{rng.choice(('+ ', '-', '*', '/'))}{inner[1]}",
        lambda: f"{inner[0]} {rng.choice('+-*/')} {whole}",
        lambda: f"({whole}){rng.choice(('+ ', '-', '*'))}{inner[0]}",
        lambda: f"{rng.choice('-+')}({inner[0]})",
        lambda: f"-{rng.choice(ARGUMENTS)}{rng.choice(['^', '**'])}{rng.choice(('2', '3', '-1', '-@1', '2^@1'))}",
        lambda: f"(abs({inner[0]})+0.1)^{rng.choice(('2', '@1', '-@0', '0.5'))}",
        lambda: f"{rng.choice(ANYWHERE)}({inner[0]})",
        lambda: f"{rng.choice(POSITIVE)}(0.1+abs({inner[0]}))",
        lambda: f"{rng.choice(TWO)}(0.1+abs({inner[0]}),1.*({inner[1]}))",
        lambda: f"TMath::Gaus({inner[0]},{inner[1]},1.5,{rng.choice(('0', '1', 'true'))})",
        lambda: f"({condition(rng, depth - 1)} ? {inner[0]} : {inner[1]})",
        lambda: f"({condition(rng, depth - 1)})*{inner[0]}",
    )
    return rng.choice(kinds)()


def random_whole(rng: random.Random, depth: int) -> str:
    """A formula that C++ computes in int."""
    if depth <= 0:
        return rng.choice(WHOLE)
    a, b = random_whole(rng, depth - 1), random_whole(rng, depth - 1)
    kinds = (
        lambda: f"{a}{rng.choice('+-*')}{b}",
        lambda: f"({a})/{rng.choice(WHOLE)}",
        lambda: f"-({a})/{rng.choice(WHOLE)}",
        lambda: f"({condition(rng, depth - 1)})/1",
        lambda: f"({condition(rng, depth - 1)} ? {a} : {b})",
        lambda: f"int(3.7*@0)/{rng.choice(WHOLE)}",
        lambda: f"max({a},{b})/2",
        lambda: f"!({a})",
    )
    return rng.choice(kinds)()


def condition(rng: random.Random, depth: int) -> str:
    """A comparison, or several."""
    a, b = random_formula(rng, max(0, depth - 1)), random_formula(rng, max(0, depth - 1))
    one = f"{a} {rng.choice(('<', '>', '<=', '>=', '==', '!='))} {b}"
    if rng.random() < 0.3 and depth > 0:
        return f"{one} {rng.choice(('&&', '||'))} {condition(rng, depth - 1)}"
    return f"!({one})" if rng.random() < 0.2 else one
