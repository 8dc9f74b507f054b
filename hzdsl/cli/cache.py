"""``hzdsl cache``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from hzdsl.demo import cache_folder
from hzdsl.native import kernel_cache


@click.command("cache", short_help="Show what is kept on disk to save time, or clear it.")
@click.option("--clear", is_flag=True, help="Remove the compiled kernels; the demo's events stay.")
def command(*, clear: bool) -> None:
    """Show where compiled kernels and the demo's events are kept, how many there are and how large they are.

    An analysis that was compiled before is loaded instead. Kernels are checked before they are used, made again where
    anything is wrong, and the oldest are removed beyond 500 MB: all may be deleted at any time. They lie below
    $HZDSL_CACHE, by default $XDG_CACHE_HOME/hzdsl or ~/.cache/hzdsl; the folder is not used where others can write
    to it.

    \b
    Examples:
      hzdsl cache
      hzdsl cache --clear
      HZDSL_CACHE=/scratch/me hzdsl run analysis.toml
    """
    kernels = kernel_cache()
    if clear:
        number = kernels.clear()
        click.echo(f"removed {number} compiled kernel{'' if number == 1 else 's'} from {kernels.folder}")
        return
    events = {path: path.stat().st_size for path in cache_folder().glob("*.root")}
    click.echo(_line("compiled kernels", kernels.sizes(), kernels.folder))
    click.echo(_line("events of hzdsl demo", events, cache_folder()))
    problem = kernels.problem()
    if problem:
        click.echo(f"kernels are not kept: {problem}")


def _line(what: str, sizes: Mapping[Path, int], folder: Path) -> str:
    return f"{what:20}  {len(sizes):6} files {sum(sizes.values()) / 1e6:8.2f} MB  {folder}"
