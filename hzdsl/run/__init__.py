"""Running an analysis: planning, chunks, threads, weights, sums."""

from hzdsl.run.analysis import of_files, run
from hzdsl.run.merge import merge
from hzdsl.run.program.backend import backend_of

__all__ = ["backend_of", "merge", "of_files", "run"]
