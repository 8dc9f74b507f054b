"""``hzdsl cache``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from hzdsl.demo import cache_folder
from hzdsl.io.catalogue import catalogue_cache
from hzdsl.native import kernel_cache


@click.command("cache", short_help="Show what is kept on disk to save time, or clear it.")
@click.option("--clear", is_flag=True, help="Remove compiled kernels and catalogues; the demo's events stay.")
def command(*, clear: bool) -> None:
    """Show where compiled kernels, catalogues and the demo's events are kept, how many and how large they are.

    An analysis that was compiled before is loaded instead. Of a tree that was opened before it is known where its
    columns lie, as long as the file has the same bytes there. Both are checked before they are used and made again
    where anything is wrong, and the oldest are removed beyond 500 MB of kernels and 250 MB of catalogues: all may be
    deleted at any time. They lie below $HZDSL_CACHE, by default $XDG_CACHE_HOME/hzdsl or ~/.cache/hzdsl; a folder is
    not used where others can write to it.

    \b
    Examples:
      hzdsl cache
      hzdsl cache --clear
      HZDSL_CACHE=/scratch/me hzdsl run analysis.toml
    """
    caches = {"compiled kernel": kernel_cache(), "catalogue": catalogue_cache()}
    if clear:
        for what, kept in caches.items():
            number = kept.clear()
            click.echo(f"removed {number} {what}{'' if number == 1 else 's'} from {kept.folder}")
        return
    for what, kept in caches.items():
        click.echo(_line(f"{what}s", kept.sizes(), kept.folder))
    events = {path: path.stat().st_size for path in cache_folder().glob("*.root")}
    click.echo(_line("events of hzdsl demo", events, cache_folder()))
    for what, kept in caches.items():
        problem = kept.problem()
        if problem:
            click.echo(f"{what}s are not kept: {problem}")


def _line(what: str, sizes: Mapping[Path, int], folder: Path) -> str:
    return f"{what:20}  {len(sizes):6} files {sum(sizes.values()) / 1e6:8.2f} MB  {folder}"
