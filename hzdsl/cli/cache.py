"""``hzdsl cache``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from hzdsl.demo import cache_folder
from hzdsl.io.catalogue import catalogue_cache
from hzdsl.native import kernel_cache
from hzdsl.records import dataclass


@click.command("cache", short_help="Show what is kept on disk to save time, or clear it.")
@click.option("--clear", is_flag=True, help="Remove compiled kernels and catalogues; the demo's events stay.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def command(*, clear: bool, as_json: bool) -> None:
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
      hzdsl cache --json
      HZDSL_CACHE=/scratch/me hzdsl run analysis.toml
    """
    caches = {"compiled kernel": kernel_cache(), "catalogue": catalogue_cache()}
    if clear and as_json:
        raise click.UsageError("--json goes with showing, not with --clear")
    if clear:
        for what, kept in caches.items():
            number = kept.clear()
            click.echo(f"removed {number} {what}{'' if number == 1 else 's'} from {kept.folder}")
        return
    shown = [_Shown(f"{what}s", kept.folder, kept.sizes(), kept.problem() or "") for what, kept in caches.items()]
    events = {path: path.stat().st_size for path in cache_folder().glob("*.root")}
    shown.append(_Shown("events of hzdsl demo", cache_folder(), events))
    click.echo(json.dumps([s.plain() for s in shown], indent=1) if as_json else "\n".join(_lines(shown)))


@dataclass(frozen=True)
class _Shown:
    """One cache: what it keeps, where, the sizes of its files, and why nothing is kept, if so."""

    what: str
    folder: Path
    sizes: Mapping[Path, int]
    problem: str = ""

    def plain(self) -> dict[str, object]:
        """Return it as JSON holds it."""
        size = sum(self.sizes.values())
        return {"what": self.what, "folder": str(self.folder), "files": len(self.sizes), "bytes": size,
                "problem": self.problem}  # fmt: skip


def _lines(shown: list[_Shown]) -> Iterator[str]:
    for s in shown:
        yield f"{s.what:20}  {len(s.sizes):6} files {sum(s.sizes.values()) / 1e6:8.2f} MB  {s.folder}"
    yield from (f"{s.what} are not kept: {s.problem}" for s in shown if s.problem)
