"""Wrong arguments of public functions, as a user might give them: each is an error of ours with the user's line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError, cm

EV = hz.events("nanoaod")
MU = EV.Muon
ANA = hz.Analysis("a")
FEW = hz.category({"few": hz.count(MU) < 3, "many": hz.count(MU) >= 3})


def sample(**options: Any) -> None:
    hz.Analysis("a").sample("x", options.pop("files", "f.root"), **options)


#: What is called, and what of the message tells the user which of the arguments is meant.
CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "schema": (lambda: hz.events(MU), "the schema is"),
    "folder": (lambda: hz.events("nanoaod", 3), "the folder is"),
    "branch by quantity": (lambda: EV.get(3 * cm, default=1), "is no name"),
    "branch by number": (lambda: EV[3], "is no branch"),
    "file to load": (lambda: hz.load(5), "the file to load is 5"),
    "correction": (lambda: hz.correction(5, "sf"), "the file is 5"),
    "model": (lambda: hz.model(5), "the file is 5"),
    "printed": (lambda: hz.to_toml(5), "5 is no analysis"),
    "latex": (lambda: hz.to_latex(MU), "is no analysis"),
    "doc": (lambda: hz.doc(1, 2), "doc: "),
    "variations": (lambda: ANA.variations(3), "variations: "),
    "files of a sample": (lambda: sample(files=5), "a file of a sample is 5"),
    "one file of a sample": (lambda: sample(files=["a", 3]), "a file of a sample is 3"),
    "axis for files": (lambda: sample(files=hz.axis(MU.pt, 3, 0, 5)), "a file of a sample is"),
    "scale": (lambda: sample(scale="a"), "scale = 'a'"),
    "no scale": (lambda: sample(scale=None), "scale = None"),
    "channels": (lambda: sample(channels=3), "channels = 3"),
    "tree": (lambda: sample(tree=3), "tree = 3"),
    "region of an output": (lambda: ANA.output("x", MU[0].pt, region={}), "there is no region"),
    "exclusive": (lambda: ANA.exclusive(slice(1), 3), "there is no region"),
    "label of a requirement": (lambda: ANA.region("r", {1: EV.MET.pt > 5 * GeV}), "requirement of region 'r' is called 1"),
    "name of a parameter": (lambda: hz.param("min pt", 5 * GeV), "'min pt'"),
    "a collection for a parameter": (lambda: hz.param(hz.pair(MU), default=1.0), "no expression could name"),
    "bounds": (lambda: hz.param("x", 3, bounds=5), "the bounds of parameter 'x' are 5"),
    "truncated choice": (lambda: hz.pair(MU).nearest_mass_truncated(EV.Jet.pt), "along Jet"),
    "truncated choice by a leg": (lambda: hz.pair(MU).nearest_mass_truncated(MU.pt), "along Muon"),
    "legs of a candidate": (lambda: hz.legs(hz.pair(MU)), "is a candidate"),
    "frame": (lambda: MU[0].p4.in_frame(3 * cm), "in_frame takes an object"),
    "frames": (lambda: MU[0].p4.in_frame(MU[1], MU[2]), "in_frame: "),
    "otherwise": (lambda: MU[0].p4.otherwise(0, 0), "otherwise: "),
    "over zero": (lambda: 5 * GeV / 0, "is not a number"),
    "one over zero": (lambda: 1 / (0 * GeV), "is not a number"),
    "power of zero": (lambda: (0 * GeV) ** -1, "is not a number"),
    "power NaN": (lambda: GeV ** float("nan"), "is not a number"),
    "too large": (lambda: (1e200 * GeV) ** 2, "is not a number"),
    "imaginary": (lambda: (-5 * GeV) ** 0.5, "is not a number"),
    "beyond doubles": (lambda: 10**400 * GeV, "is not a number"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_is_an_error_of_ours(name: str) -> None:
    call, said = CALLS[name]
    with pytest.raises(HzdslError) as caught:
        call()
    assert said in str(caught.value)
    assert "test_wrong_calls.py" in str(caught.value)


def test_one_channel_is_a_channel() -> None:
    ana = hz.Analysis("a")
    ana.region("signal", hz.count(MU) > 0)
    ana.sample("x", "f.root", channels="signal")
    assert ana.document().samples[0].channels == ("signal",)


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (lambda: MU.assign(pt=5), "unit", "pt=5*GeV"),
        (lambda: MU.assign(phi=5, pt=5 * GeV).assign(mass=1.5), "unit", "mass=1.5*GeV"),
        (lambda: MU.pfIsoId << 64, "arguments", "0 to 63"),
        (lambda: MU.pfIsoId >> -1, "arguments", "0 to 63"),
        (lambda: hz.Analysis("a").sample("s", files={"a.root": 1}), "arguments", "one sample for each"),
        (lambda: hz.Analysis(5), "arguments", "hz.Analysis("),
        (lambda: ANA.region("b", ANA.region("s", MU[0].exists).split(FEW)), "spec-value", "split into s/few, s/many"),
        (lambda: MU[object], "dtype", "not a value"),
        (lambda: setattr(hz.Analysis("a"), "luminosity", 10**400), "spec-value", "34.7/fb"),
    ],
)
def test_more_wrong_values(call: Any, code: str, said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        call()
    assert error.value.code == code
    assert said in str(error.value)


def test_a_function_that_calls_itself_is_refused() -> None:
    def again(x: Any) -> Any:
        return again(x.sort(-x.pt))

    with pytest.raises(HzdslError, match="nested too deeply, or a function calls itself") as error:
        MU.sort(again)
    assert error.value.code == "unsupported"
