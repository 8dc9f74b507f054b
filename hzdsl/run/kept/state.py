"""What a run has done so far, kept in a file: after a crash it is continued, and comes to the same bits.

The file holds blocks (`hzdsl.run.parts.blocks`): the frame of the run, then parts, each the sum of what was done since
the one before. It is only appended to, so whatever moment the process is killed at, the blocks before are whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from io import RawIOBase
from time import monotonic

from hzdsl.errors import HzdslError
from hzdsl.run.kept.frame import Frame, check_same, frame_in
from hzdsl.run.options import Keeping
from hzdsl.run.parts.blocks import block, blocks
from hzdsl.run.parts.packing import parts_of, to_bytes
from hzdsl.run.parts.partials import Part, Sum
from hzdsl.run.plan.plan import Plan
from hzdsl.run.watch import Watch

FRAME = b"FRAM"


class State:
    """The file of a run, made at the first checkpoint.

    Parameters
    ----------
    keeping : Keeping
        The file, and how often it is written to; one that is there is replaced, unless the run is resumed.
    plan, frame
        The run.
    watch : Watch
        Who is told of checkpoints.
    """

    def __init__(self, keeping: Keeping, plan: Plan, frame: Frame, watch: Watch) -> None:
        self._path, self._interval, self._resume = keeping.path, keeping.interval, keeping.resume
        self._frame, self._watch = frame, watch
        self._programs = [job.bound.program for job in plan.jobs]
        self._waiting: dict[int, Sum] = {}
        self._kept = self._end = 0
        self._at = monotonic()
        self._file: RawIOBase | None = None

    def resumed(self) -> list[Part]:
        """Return the parts of the run that is continued, whose file is from now on appended to; none of a new run.

        Raises
        ------
        HzdslError
            `run-differs` where it is of another run; `file-format`, `file-missing`.
        """
        if not self._resume:
            return []
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HzdslError("file-missing", f"{self._path} cannot be read ({error.strerror})") from None
        found = list(blocks(data))
        if not found and data[: len(FRAME)] == FRAME[: len(data)]:
            return []  # killed while it was begun
        if not found or found[0].kind != FRAME:
            raise HzdslError("file-format", f"{self._path} is not the state of a run", fix="choose another --state DIR")
        fix = "start anew without --resume, or put back what has changed"
        what = f"the state in {self._path}"
        check_same(frame_in(found[0].content, what), self._frame, what, fix)
        parts = parts_of(found, str(self._path))
        self._end = found[-1].end
        self._kept = sum(p.partial.entries for p in parts)
        return parts

    def keep(self, parts: Iterable[Part]) -> None:
        """Keep parts, now or at one of the next checkpoints."""
        for part in parts:
            if part.job not in self._waiting:
                tables = bool(part.partial.tables)
                self._waiting[part.job] = Sum(part.job, self._programs[part.job], tables)
            self._waiting[part.job].add(part)
        if monotonic() - self._at >= self._interval:
            self.write()

    def write(self) -> None:
        """Write what has not been written yet.

        Raises
        ------
        HzdslError
            `output-exists` where the disk is full, say.
        """
        data = b"".join(to_bytes(s.part()) for s in self._waiting.values())
        if data:
            self._kept += sum(s.entries for s in self._waiting.values())
            self._waiting = {}
            try:
                self._append(data)
            except OSError as error:
                raise self._refused(error) from None
            self._watch.tell("checkpoint", entries=self._kept, bytes=len(data))
        self._at = monotonic()

    def close(self, *, done: bool) -> None:
        """Write what is left, unless the whole run is `done` and was too short to be kept at all."""
        try:
            if self._end or not done:
                self.write()
        finally:
            if self._file is not None:
                self._file.close()

    def _append(self, data: bytes) -> None:
        """Write behind the last whole block."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self._path, "r+b" if self._end else "wb", buffering=0)  # noqa: SIM115 (closed by `close`)
            self._file.seek(self._end)
            self._file.truncate()
        if not self._end:
            data = block(FRAME, json.dumps(self._frame).encode()) + data
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        os.fsync(self._file.fileno())
        self._end += len(data)

    def _refused(self, error: OSError) -> HzdslError:
        return HzdslError(
            "output-exists",
            f"the state of the run cannot be written to {self._path} ({error.strerror or error})",
            fix="make room, or choose another place with --state DIR; what was written before can be resumed",
        )
