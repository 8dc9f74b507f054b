"""Running an analysis: planning, chunks, threads, weights, sums."""

from hzdsl.run.analysis import of_files, run
from hzdsl.run.program.backend import backend_of

__all__ = ["backend_of", "of_files", "run"]
