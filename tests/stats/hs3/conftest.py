"""What real ROOT reads and writes, in another process."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.oracle.run_root import require_root

SCRIPT = Path(__file__).with_name("root_nll.py")


def run_root(*arguments: str | Path) -> None:
    command = [require_root(), "-W", "ignore", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="package")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents that ROOT wrote, of workspaces that `root_nll.py` makes."""
    folder = tmp_path_factory.mktemp("exported")
    run_root("export", folder)
    return folder
