"""``hzdsl run``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from hzdsl.cli.aside import keep_aside
from hzdsl.cli.delivery import PARTIAL, Wanted, deliver, output_options
from hzdsl.cli.options import (
    backend_option,
    inputs_options,
    max_memory_option,
    remote_options,
    spec_argument,
    spec_options,
    threads_option,
    together,
)
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import load_spec
from hzdsl.cli.stopping import STATUS, stopping
from hzdsl.cli.watching import watching
from hzdsl.errors import HzdslError
from hzdsl.results.result import Result
from hzdsl.run.options import Keeping, Slice

_where = click.option(
    "--dask", metavar="ADDRESS",
    help="Let the workers of this dask scheduler do the work: tcp://HOST:PORT, or its scheduler file (FILE.json).",
)  # fmt: skip


class _Seconds(click.FloatRange):
    """Seconds, a day at most: `nan` is no number of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        found = super().convert(value, param, ctx)
        if found != found:  # noqa: PLR0124 - NaN
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return found


SECONDS = _Seconds(0, 86_400)

_faults = together(
    click.option("--retries", type=click.IntRange(0), default=2, show_default=True, metavar="N",
                 help="How often a chunk whose input fails is tried again."),
    click.option("--retry-delay", type=SECONDS, default=1.0, show_default=True, metavar="SECONDS",
                 help="Before the first repetition; doubled for each further one."),
    click.option("--allow-missing", is_flag=True,
                 help="Do without inputs that cannot be read; the result says which. Weights stay as they are."),
    click.option("--state", metavar="DIR", help="Keep here what is done [default: DIR/partial of -o DIR]."),
    click.option("--resume", is_flag=True, help="Go on from what an earlier run has kept; the bits are the same."),
    click.option("--checkpoint", type=SECONDS, default=5.0, show_default=True, metavar="SECONDS",
                 help="How often it is kept."),
    click.option("--slice", "piece", metavar="I/N", callback=lambda c, p, v: _piece(v),
                 help="Do slice I of N (from 1) and write DIR/slice_I_of_N.hzs for hzdsl merge."),
    click.option("--trust-files", is_flag=True,
                 help="Leave out the checks of packed data, but for one basket in 16: damage may go unnoticed."),
    click.option("--log", metavar="FILE", help="Append what happens to this file, as lines of JSON."),
)  # fmt: skip


def _piece(text: str | None) -> tuple[int, int] | None:
    """Return I and N of ``I/N``."""
    if text is None:
        return None
    number, _, of = text.partition("/")
    if not (number.isascii() and number.isdigit() and of.isascii() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(f"{text!r} is not of the form I/N, from 1/N to N/N", param_hint="--slice")
    return int(number), int(of)


@click.command("run", short_help="Run an analysis over files.")
@spec_argument
@click.argument("files", nargs=-1, metavar="[FILES]...")
@backend_option
@threads_option(1)
@_where
@spec_options
@inputs_options
@max_memory_option
@output_options
@_faults
@remote_options
def command(
    *,
    spec: str,
    files: tuple[str, ...],
    sets: tuple[str, ...],
    config: str | None,
    dialect: str | None,
    samples: list[tuple[str, str]],
    data: bool,
    tree: str | None,
    base_url: str | None,
    as_json: bool,
    events: str | None,
    plots: str | None,
    folder: str | None,
    quiet: bool,
    state: str | None,
    resume: bool,
    checkpoint: float,
    piece: tuple[int, int] | None,
    log: str | None,
    dask: str | None,
    **how: Any,
) -> None:
    """Run an analysis over files.

    SPEC is a .toml, .yaml, .json, .adl or .py file. Without FILES the samples of the analysis are run; FILES (paths,
    patterns, URLs) are one sample of weight 1 instead.

    \b
    Examples:
      hzdsl run higgs4l.toml SMHiggsToZZTo4L.root
      hzdsl run higgs4l.toml data/*.root --data --threads 4 --json
      hzdsl run higgs4l.toml --set muon_min_pt=7GeV -o results
      hzdsl run higgs4l.py --sample ZZTo4mu='/data/ZZTo4mu_*.root' --events zz.csv
      hzdsl run higgs4l.toml -o results --resume
      hzdsl run higgs4l.toml --slice 3/100 -o slices
      hzdsl run higgs4l.toml --dask tcp://head:8786 -o results
    """
    wanted = Wanted(as_json, events, plots, folder, quiet)
    if piece is not None and (as_json or events or plots):
        raise click.UsageError("--slice writes numbers for hzdsl merge, with which --json, --events and --plot go")
    wanted.check()
    keeping = _keeping(state, folder, resume, checkpoint, piece)
    loaded = load_spec(spec, config, sets, dialect)
    given = Given(files, tuple(samples), tree, data, base_url)
    document = with_inputs(loaded.document, given)
    outputs = bool(document.outputs)
    tables = outputs if piece is not None else events is not None or (folder is not None and outputs)
    about = {"spec": os.path.abspath(spec), "config": config, "sets": sets, "dialect": dialect, "given": vars(given)}
    from hzdsl.run import run
    from hzdsl.run.cluster.connect import connected
    from hzdsl.run.outcome.missing import DataLost

    with _alone(folder, state, piece), connected(dask) as client, stopping() as stop:
        try:
            with watching(quiet, log) as watch:
                result = run(
                    document,
                    parameters=loaded.parameters,
                    tables=tables,
                    watch=watch,
                    stop=stop,
                    keeping=keeping,
                    slice=_slice(piece, folder),
                    command=about,
                    client=client,
                    **how,
                )
        except DataLost as lost:
            raise keep_aside(lost, wanted, log, kept=keeping is not None) from None
        if stop.asked:
            _stopped(result, wanted, keeping, STATUS[stop.why])
        if piece is not None:
            click.echo(f"slice {piece[0]} of {piece[1]}: {result.events} events, {_slice_path(piece, folder)}")
        else:
            deliver(result, wanted)
        _forget(keeping)


def _keeping(
    state: str | None, folder: str | None, resume: bool, checkpoint: float, piece: tuple[int, int] | None
) -> Keeping | None:
    """Return where the run keeps what it has done; nowhere without a folder."""
    if state is None and folder is None:
        if resume:
            raise click.UsageError("--resume goes with the -o DIR or --state DIR of the run that it continues")
        return None
    within = Path(state) if state is not None else Path(folder or "") / PARTIAL
    name = "state.hzs" if piece is None else f"state_{piece[0]}_of_{piece[1]}.hzs"
    return Keeping(within / name, resume, checkpoint)


def _slice(piece: tuple[int, int] | None, folder: str | None) -> Slice | None:
    return None if piece is None else Slice(*piece, _slice_path(piece, folder))


def _slice_path(piece: tuple[int, int], folder: str | None) -> Path:
    if folder is None:
        raise click.UsageError("--slice goes with -o DIR, where its numbers are written to")
    number, of = piece
    return Path(folder) / f"slice_{number:0{len(str(of))}}_of_{of}.hzs"


@contextmanager
def _alone(folder: str | None, state: str | None, piece: tuple[int, int] | None) -> Iterator[None]:
    """Hold the locks of what is written to for the whole run: two of them would destroy each other's work."""
    from hzdsl.io.locks import locked

    name = "lock" if piece is None else f"lock-{piece[0]}-of-{piece[1]}"
    with ExitStack() as stack:
        for at in dict.fromkeys(p for p in (folder, state) if p is not None):
            stack.enter_context(locked(at, name))
        yield


def _stopped(result: Result, wanted: Wanted, keeping: Keeping | None, status: int) -> None:
    """Deliver what a stopped run has, beside where it was wanted, and leave."""
    aside = wanted.aside()
    if result.events:
        deliver(result, aside)
    kept = "" if keeping is None else "; --resume continues"
    said = f", partial results: {', '.join(aside.places)}" if aside.places and result.events else ""
    click.echo(f"interrupted after {result.events} events{said}{kept}", err=True)
    raise click.exceptions.Exit(status)


def _forget(keeping: Keeping | None) -> None:
    """Remove what was kept of a run whose result has been delivered, and the partial results of earlier attempts."""
    if keeping is None:
        return
    within = keeping.path.parent
    try:
        keeping.path.unlink(missing_ok=True)
        if within.name == PARTIAL and (within / "result.json").exists():
            shutil.rmtree(within)
        elif within.name == PARTIAL and within.exists() and not any(within.iterdir()):
            within.rmdir()
    except OSError as error:
        raise HzdslError("output-exists", f"{keeping.path} cannot be removed ({error.strerror})") from None
