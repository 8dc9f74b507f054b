"""Selected candidates as arrays, of all chunks of any number of files.

python -m analyses.bsmm.candidates bsmm.root
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

import hzdsl as hz
from hzdsl.records import dataclass
from hzdsl.results import Result, event_columns

CHUNK = 100_000  # entries, as in the seed, which read only the first of them
SPEC = Path(__file__).with_name("bsmm.toml")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Columns of equal length in the order of the files: masses in GeV, weights, and what the generator says."""

    mass: Floats
    weight: Floats
    is_signal: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.mass)

    def total(self, of: npt.NDArray[np.bool_] | None = None) -> tuple[float, float]:
        """Return the sum of weights and its statistical error, of all or of some."""
        w = self.weight if of is None else self.weight[of]
        return float(w.sum()), float(np.sqrt((w**2).sum()))


def select(
    files: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    chunk_size: int = CHUNK,
    backend: str = "codegen",
    threads: int = 1,
) -> tuple[Candidates, Result]:
    """Return the selected candidates, and the result with cutflow and histograms.

    Raises
    ------
    HzdslError
        For files that cannot be read, or lack a branch.
    """
    analysis = hz.load(SPEC).analysis
    result = analysis.run(files, tables=True, chunk_size=chunk_size, backend=backend, threads=threads)
    columns, _ = event_columns(result)
    rows = columns["region"] == "selected"
    return Candidates(*(columns[name][rows] for name in ("B_mass", "event_weight", "is_signal"))), result


def main() -> None:
    """Print the cutflow, and what the selected candidates are."""
    from hzdsl.results import cutflows, text_of

    candidates, result = select(sys.argv[1:])
    print(text_of(cutflows(result)[:1]))
    for name, rows in ("signal", candidates.is_signal), ("background", ~candidates.is_signal):
        total, error = candidates.total(rows)
        print(f"{name:>12}: {int(rows.sum())} candidates, sum of weights {total:.1f} ± {error:.1f}")


if __name__ == "__main__":
    main()
