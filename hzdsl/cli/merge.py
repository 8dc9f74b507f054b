"""``hzdsl merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hzdsl.cli.delivery import Wanted, deliver, output_options
from hzdsl.cli.options import remote_options
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import Spec, load_spec
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document


@click.command("merge", short_help="Merge the slices of a run.")
@click.argument("slices", nargs=-1, required=True, metavar="SLICES...")
@click.option("--spec", metavar="FILE", help="The analysis [default: where the slices found it].")
@output_options
@remote_options
def command(*, slices: tuple[str, ...], spec: str | None, remote: RemoteOptions, wanted: Wanted) -> None:
    """Merge the slices of a run.

    SLICES are the files that `hzdsl run --slice I/N -o DIR` has written, all N of them. What comes out is what one run
    would have given, in every bit; the inputs are not opened again.

    \b
    Examples:
      hzdsl merge slices/*.hzs -o results
      hzdsl merge slices/*.hzs --json
    """
    wanted.check()
    from hzdsl.io.locks import locked
    from hzdsl.run.merge import command_of, merge

    found = command_of(slices[0])
    loaded = _analysis(found, spec)
    document = with_inputs(loaded.document, _given(found))
    _check_tables(document, wanted.events)
    result = merge(document, slices, parameters=loaded.parameters, remote=remote)
    if wanted.folder is None:
        deliver(result, wanted)
        return
    with locked(wanted.folder):
        deliver(result, wanted)


def _analysis(found: dict[str, Any], spec: str | None) -> Spec:
    """Return the analysis as the slices read it."""
    path = spec or found["spec"]
    if spec is None and not Path(path).exists():
        raise HzdslError("file-missing", f"there is no analysis {path} any more", fix="say where it is: --spec FILE")
    return load_spec(path, found["config"], found["sets"], found["dialect"])


def _given(found: dict[str, Any]) -> Given:
    """Return what the command lines of the slices said of inputs."""
    said = found["given"]
    samples = tuple((name, files) for name, files in said["samples"])
    return Given(**{**said, "files": tuple(said["files"]), "samples": samples})


def _check_tables(document: Document, events: str | None) -> None:
    """Refuse to write a table where the slices have none."""
    if events is not None and not document.outputs:
        raise HzdslError(
            "options",
            f"{events} cannot be written: the analysis has no outputs, so slices keep no events",
            fix="give it an output (docs/language.md), and run the slices again",
        )
