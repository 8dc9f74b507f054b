"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from hzdsl.cli.samples import Given
from hzdsl.cli.spec import Asked
from hzdsl.io.options import RemoteOptions
from hzdsl.sizes import size_from

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def together(*options: Decorator) -> Decorator:
    """Return one decorator that adds several options in the order given."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def gathered(name: str, kind: Callable[..., Any], *options: Decorator) -> Decorator:
    """Return a decorator that adds options, and gives a command what they say as one argument: a `kind` of them."""
    offered = together(*options)
    names = [p.name for p in vars(offered(lambda: None))["__click_params__"]]

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(**said: Any) -> Any:
            own = {n: said.pop(n) for n in names}
            return function(**{name: kind(**own)}, **said)

        return offered(command)

    return add


def assignments(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Split ``NAME=VALUE`` arguments, refusing those without a name or a value."""
    pairs = []
    for text in values:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise click.BadParameter(f"{text!r} is not of the form {parameter.metavar}")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


spec_options = gathered(
    "asked", Asked,
    click.argument("spec", metavar="SPEC"),
    click.option("--set", "sets", multiple=True, metavar="NAME=VALUE",
                 help="Give a parameter another value: --set muon_min_pt=7GeV."),
    click.option("--config", metavar="FILE", help="A steering file in TOML: parameters, samples, luminosity."),
    click.option("--dialect", type=click.Choice(["nano-spec"]),
                 help="Read a document that names no dialect in this one."),
)  # fmt: skip

_files = (
    click.argument("files", nargs=-1, metavar="[FILES]..."),
    click.option("--data", is_flag=True, help="The files are data, not simulation."),
    click.option("--tree", metavar="NAME", help="The tree of the files [default: the only one, or Events]."),
)
files_options = gathered("given", Given, *_files)

inputs_options = gathered(
    "given", Given,
    click.option("--sample", "samples", multiple=True, metavar="NAME=FILES", callback=assignments,
                 help="Run this sample only, on these files (a pattern; may be repeated). A sample of the analysis "
                      "keeps its cross-section."),
    *_files,
    click.option("--base-url", metavar="URL", help="Where the analysis' relative files lie: a URL or a folder."),
)  # fmt: skip

limits_options = together(
    click.option("--max-events", type=click.IntRange(1), metavar="N", help="Read the first N entries of each sample."),
    click.option("--chunk-size", type=click.IntRange(1), metavar="N", help="Entries in memory at a time, per thread."),
)

remote_options = gathered(
    "remote", RemoteOptions,
    click.option("--ca-file", metavar="FILE", help="Trust the certificate authorities of this PEM file."),
    click.option("--insecure", is_flag=True, help="Accept any certificate of a server."),
    click.option("--redirector", "redirectors", multiple=True, metavar="URL",
                 help="Where a file is sought by its path if the place given fails (may be repeated): "
                      "--redirector root://cms-xrd-global.cern.ch/."),
    click.option("--download", is_flag=True, help="Fetch whole files from web servers that serve no byte ranges."),
)  # fmt: skip

backend_option = click.option(
    "--backend", type=click.Choice(["codegen", "interpret"]), default="codegen", show_default=True,
    help="Compiled event loop, or whole columns with NumPy; the results have the same bits.",
)  # fmt: skip


def threads_option(default: int) -> Decorator:
    """Return the option for the number of threads."""
    return click.option(
        "--threads", "-j", type=click.IntRange(1), default=default, show_default=True,
        help="Chunks worked on at a time; results do not depend on it.",
    )  # fmt: skip


class _Size(click.ParamType[int]):
    """A number of bytes with its unit."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes that a text stands for."""
        found = size_from(str(value))
        if found is None:
            self.fail(f"{value!r} is no size with a unit, such as 2GB or 500MB", param, ctx)
        return found


max_memory_option = click.option(
    "--max-memory", type=_Size(), metavar="SIZE",
    help="What the process may take (2GB, 500MB): chunks are made small enough, and threads few enough.",
)  # fmt: skip
