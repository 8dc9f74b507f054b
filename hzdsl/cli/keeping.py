"""What is kept of a run, so that it can be continued or put together: the options that say so, and where that is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from hzdsl.cli.delivery import PARTIAL, Wanted
from hzdsl.cli.options import gathered
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.run.options import Keeping, Slice


class _Seconds(click.FloatRange):
    """Seconds, a day at most: `nan` is no number of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        found = super().convert(value, param, ctx)
        if found != found:  # noqa: PLR0124 - NaN
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return found


SECONDS = _Seconds(0, 86_400)


def _piece(text: str | None) -> tuple[int, int] | None:
    """Return I and N of ``I/N``."""
    if text is None:
        return None
    number, _, of = text.partition("/")
    if not (number.isascii() and number.isdigit() and of.isascii() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(f"{text!r} is not of the form I/N, from 1/N to N/N", param_hint="--slice")
    return int(number), int(of)


@dataclass(frozen=True)
class Kept:
    """What the options say: where what is done is kept, how often, and which slice of the run this is."""

    state: str | None = None
    resume: bool = False
    checkpoint: float = Keeping.interval
    piece: tuple[int, int] | None = None

    def check(self, wanted: Wanted) -> None:
        """Refuse, before the work, options that do not go together."""
        if self.piece is not None and (wanted.as_json or wanted.events or wanted.plots):
            raise click.UsageError("--slice writes numbers for hzdsl merge, with which --json, --events and --plot go")
        if self.resume and self.keeping(wanted) is None:
            raise click.UsageError("--resume goes with the -o DIR or --state DIR of the run that it continues")
        if self.piece is not None and wanted.folder is None:
            raise click.UsageError("--slice goes with -o DIR, where its numbers are written to")

    def keeping(self, wanted: Wanted) -> Keeping | None:
        """Return where the run keeps what it has done; nowhere without a folder."""
        if self.state is None and wanted.folder is None:
            return None
        folder = self.aside(wanted).folder if self.state is None else Path(self.state, self._name)
        return Keeping(Path(folder or "") / "state.hzs", self.resume, self.checkpoint)

    def aside(self, wanted: Wanted) -> Wanted:
        """Return where the result of the run goes as long as it is not finished."""
        return wanted.aside(self._name)

    def slice(self, wanted: Wanted) -> Slice | None:
        """Return which slice this is, and where its numbers go."""
        if self.piece is None:
            return None
        return Slice(*self.piece, Path(wanted.folder or "") / f"{self._name}.hzs")

    @property
    def _name(self) -> str:
        """What is written of a slice is called so; nothing of a whole run."""
        if self.piece is None:
            return ""
        number, of = self.piece
        return f"slice_{number:0{len(str(of))}}_of_{of}"

    @contextmanager
    def alone(self, wanted: Wanted) -> Iterator[None]:
        """Hold the locks of what is written to for the whole run: two of them would destroy each other's work."""
        from hzdsl.io.locks import locked

        name = "lock" if self.piece is None else f"lock-{self.piece[0]}-of-{self.piece[1]}"
        with ExitStack() as stack:
            for at in dict.fromkeys(p for p in (wanted.folder, self.state) if p is not None):
                stack.enter_context(locked(at, name))
            yield

    def again(self, wanted: Wanted) -> str:
        """Return how a result that could not be delivered is had again."""
        keeping = self.keeping(wanted)
        read = keeping is not None and keeping.path.exists()
        return (
            "the same command with --resume writes it, and reads no event again"
            if read
            else "the same command runs it again"
        )

    def forget(self, wanted: Wanted) -> None:
        """Remove what was kept of a run whose result has been delivered, and partial results of earlier attempts."""
        keeping, aside = self.keeping(wanted), self.aside(wanted).folder
        if keeping is None:
            return
        try:
            keeping.path.unlink(missing_ok=True)
            if aside is not None and Path(aside, "result.json").exists():
                shutil.rmtree(aside)
        except OSError as error:
            raise HzdslError("output", f"{keeping.path} cannot be removed ({error.strerror})") from None
        for folder in (keeping.path.parent, keeping.path.parent.parent) if self.piece else (keeping.path.parent,):
            if folder.name in (PARTIAL, self._name):
                with suppress(OSError):  # others keep something there
                    folder.rmdir()


keeping_options = gathered(
    "kept", Kept,
    click.option("--state", metavar="DIR", help="Keep here what is done [default: DIR/partial of -o DIR]."),
    click.option("--resume", is_flag=True, help="Go on from what an earlier run has kept; the bits are the same."),
    click.option("--checkpoint", type=SECONDS, default=Kept.checkpoint, show_default=True, metavar="SECONDS",
                 help="How often it is kept."),
    click.option("--slice", "piece", metavar="I/N", callback=lambda c, p, v: _piece(v),
                 help="Do slice I of N (from 1) and write DIR/slice_I_of_N.hzs for hzdsl merge."),
)  # fmt: skip
