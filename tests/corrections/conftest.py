"""Files of corrections."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[..., str]


def scale_factor() -> dict[str, Any]:
    """A scale factor in bins of |eta| and pt, with variations: as the muon group publishes them."""

    def grid(shift: float) -> dict[str, Any]:
        rows = [[0.9, 0.95, 0.97], [0.85, 0.9, 0.92]]
        each = [
            {
                "nodetype": "binning",
                "input": "pt",
                "edges": [15.0, 20.0, 30.0, "inf"],
                "flow": "clamp",
                "content": [v + shift for v in row],
            }
            for row in rows
        ]
        return {"nodetype": "binning", "input": "abseta", "edges": [0.0, 1.2, 2.4], "flow": "error", "content": each}

    keys = {"nominal": 0.0, "systup": 0.01, "systdown": -0.01}
    content = [{"key": k, "value": grid(v)} for k, v in keys.items()]
    inputs = [
        {"name": "abseta", "type": "real", "description": "absolute value of the pseudorapidity"},
        {"name": "pt", "type": "real", "description": "transverse momentum in GeV"},
        {"name": "scale_factors", "type": "string"},
    ]
    data = {"nodetype": "category", "input": "scale_factors", "content": content}
    return {"name": "tight_id", "version": 1, "inputs": inputs, "output": {"name": "sf", "type": "real"}, "data": data}


def level(name: str, expression: str, rows: list[list[float]]) -> dict[str, Any]:
    """A jet energy correction: a formula of pt whose constants depend on eta."""
    bins = [
        {"nodetype": "formula", "expression": expression, "parser": "TFormula", "variables": ["JetPt"], "parameters": r}
        for r in rows
    ]
    data = {"nodetype": "binning", "input": "JetEta", "edges": [-5.2, -1.3, 1.3, 5.2], "flow": "clamp", "content": bins}
    inputs = [{"name": "JetEta", "type": "real"}, {"name": "JetPt", "type": "real"}]
    return {"name": name, "version": 1, "inputs": inputs, "output": {"name": "c", "type": "real"}, "data": data}


def jet_energy() -> dict[str, Any]:
    first = level("L1", "max(0.0001, 1 - [0]/x)", [[1.5], [0.7], [1.9]])
    second = level("L2", "[0] + [1]*log10(x)^2", [[1.1, 0.01], [1.05, 0.02], [1.2, -0.01]])
    both = {
        "name": "L1L2",
        "inputs": second["inputs"],
        "output": {"name": "c", "type": "real"},
        "inputs_update": ["JetPt"],
        "input_op": "*",
        "output_op": "*",
        "stack": ["L1", "L2"],
    }
    return {"schema_version": 2, "corrections": [first, second], "compound_corrections": [both]}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a payload (or anything) to a file, compressed by its name; return the path."""

    def to_file(content: Any, name: str = "payload.json") -> str:
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return to_file


@pytest.fixture
def muon_file(write: Write) -> str:
    return write({"schema_version": 2, "corrections": [scale_factor()]}, "muon.json.gz")


@pytest.fixture
def jet_file(write: Write) -> str:
    return write(jet_energy(), "jet.json.gz")
