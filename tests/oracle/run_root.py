"""Find a Python that has ROOT and let it run df103 on files: what the oracle tests compare with."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("root_df103.py")
VARIABLE = "HZDSL_ROOT_PYTHON"
MASSES = ("z1_mass_f32_hex", "z2_mass_f32_hex", "h_mass_f32_hex")
HOW_TO = f"no ROOT here: pip install '.[oracle]', or set {VARIABLE} to a Python that imports ROOT"


@dataclass(frozen=True)
class RootDf103:
    """What ROOT selected from one file.

    Attributes
    ----------
    document : dict
        `{"file", "root_version", "events", "channels": {channel: {"selected", "histogram_h_mass_36_70_180",
        "cutflow"}}}`, channels being 4mu, 4el and 2el2mu.
    rows : dict
        (channel, event) to the three masses (z1, z2, h) as `float.hex` strings of float32 values.
    json_path, csv_path : Path
        The files, of the layout of the golden ones.
    """

    document: dict[str, Any]
    rows: dict[tuple[str, int], tuple[str, str, str]]
    json_path: Path
    csv_path: Path


def root_python() -> str | None:
    """Return the Python to run ROOT with: this one if it has ROOT, else the one HZDSL_ROOT_PYTHON names."""
    if importlib.util.find_spec("ROOT") is not None:
        return sys.executable
    return os.environ.get(VARIABLE) or None


def require_root() -> str:
    """Return `root_python()` or skip the test, saying how to get one."""
    python = root_python()
    if python is None:
        pytest.skip(HOW_TO)
    return python


def run_df103(paths: list[Path], folder: Path, timeout: float = 600.0) -> dict[Path, RootDf103]:
    """Let ROOT's df103 select from all files, in one process (starting ROOT costs about five seconds).

    Parameters
    ----------
    paths : list of Path
        Files with a tree `Events`.
    folder : Path
        Where the results are written.
    timeout : float
        Seconds for the whole process.

    Returns
    -------
    dict of Path to RootDf103
        One result per file, by its path as given.
    """
    python = require_root()
    folder.mkdir(parents=True, exist_ok=True)
    outputs = {path: folder / f"{i:03d}_{path.stem}.json" for i, path in enumerate(paths)}
    pairs = [str(name) for pair in outputs.items() for name in pair]
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        [python, str(SCRIPT), *pairs],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"ROOT failed with status {done.returncode}:\n{done.stdout}\n{done.stderr}", pytrace=False)
    return {path: read_result(out) for path, out in outputs.items()}


def read_result(json_path: Path) -> RootDf103:
    """Read one result, or a golden pair `X.golden.json`, `X.golden.csv`."""
    csv_path = json_path.with_suffix(".csv")
    document = json.loads(json_path.read_text(encoding="utf-8"))
    with open(csv_path, newline="", encoding="utf-8") as file:
        rows = {(r["channel"], int(r["event"])): tuple(r[m] for m in MASSES) for r in csv.DictReader(file)}
    return RootDf103(document, rows, json_path, csv_path)
