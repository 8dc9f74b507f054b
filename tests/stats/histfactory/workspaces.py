"""Random documents of HistFactory, of every modifier, shared in the ways that pyhf allows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Draw = Any


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=64).map(lambda x: float(f"{x:.6g}"))


@st.composite
def workspaces(draw: Draw) -> dict[str, Any]:
    bins = draw(st.integers(1, 3))
    channels = [_channel(draw, name, bins) for name in draw(st.sampled_from([["B"], ["B", "A"], ["C", "A", "B"]]))]
    channels[0]["samples"][0]["modifiers"].append({"name": "mu", "type": "normfactor", "data": None})
    counts = st.one_of(numbers(0, 300), st.integers(0, 300))
    observations = [
        {"name": c["name"], "data": draw(st.lists(counts, min_size=bins, max_size=bins))} for c in channels[::-1]
    ]
    measurement = {"name": "m", "config": {"poi": "mu", "parameters": _settings(draw, channels)}}
    return {"version": "1.0.0", "channels": channels, "observations": observations, "measurements": [measurement]}


def _channel(draw: Draw, name: str, bins: int) -> dict[str, Any]:
    samples = [_sample(draw, name, s, bins) for s in draw(st.sampled_from([["z"], ["z", "a"], ["q", "z", "a"]]))]
    return {"name": name, "samples": samples}


def _sample(draw: Draw, channel: str, name: str, bins: int) -> dict[str, Any]:
    def array(low: float, high: float, zero: bool = False) -> list[float]:
        number = st.one_of(st.just(0.0), numbers(low, high)) if zero else numbers(low, high)
        return draw(st.lists(number, min_size=bins, max_size=bins))

    found: list[dict[str, Any]] = []
    for kind in draw(st.lists(st.sampled_from(_KINDS), max_size=5, unique=True)):
        modifier = {"name": kind, "type": kind.partition("_")[0], "data": None}
        if modifier["type"] == "normsys":
            modifier["data"] = {"lo": draw(numbers(0.5, 1.2)), "hi": draw(numbers(0.8, 1.7))}
        elif modifier["type"] == "histosys":
            modifier["data"] = {"lo_data": array(20, 60), "hi_data": array(20, 60)}
        elif modifier["type"] == "shapesys":
            modifier |= {"name": f"{kind}_{channel}_{name}", "data": array(1, 20, zero=True)}
        elif modifier["type"] == "staterror":
            shared = kind == "staterror_s"
            modifier |= {"name": kind if shared else f"{kind}_{channel}", "data": array(1, 20, zero=True)}
        found.append(modifier)
    if {"normsys_b", "histosys_b"} <= {m["name"] for m in found}:  # one parameter may do both
        for m in found:
            m["name"] = "both" if m["name"] in ("normsys_b", "histosys_b") else m["name"]
    return {"name": name, "data": array(30, 90), "modifiers": found}


_KINDS = (
    "normsys_a", "normsys_b", "histosys_a", "histosys_b", "normfactor_k", "lumi", "shapefactor_f", "shapesys_u",
    "staterror_m", "staterror_s",
)  # fmt: skip


def _settings(draw: Draw, channels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    used = {m["name"]: m["type"] for c in channels for s in c["samples"] for m in s["modifiers"]}
    found: list[dict[str, Any]] = [{"name": "not there", "inits": [1.0]}]
    if "lumi" in used:
        width = draw(numbers(0.01, 0.2))
        found.append({"name": "lumi", "inits": [1.0], "bounds": [[0.5, 1.5]], "auxdata": [1.02], "sigmas": [width]})
    if "normsys_a" in used and draw(st.booleans()):
        found.append({"name": "normsys_a", "inits": [0.2], "auxdata": [0.3], "fixed": draw(st.booleans())})
    found.append({"name": "mu", "inits": [draw(numbers(0.1, 2))], "bounds": [[0.0, 5.0]]})
    return found
