"""Running an analysis: planning, chunks, threads, weights, sums."""

from hzdsl.run.analysis import of_files, run
from hzdsl.run.engines import backend_of
from hzdsl.run.merge import merge

__all__ = ["backend_of", "merge", "of_files", "run"]
