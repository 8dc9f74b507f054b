"""The group of commands: each is imported when it is called, and every error leaves by its exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from hzdsl.errors import DATA, FIT, INTERNAL, LOST, SPEC, USAGE, HzdslError
from hzdsl.interrupts import INTERRUPTED, TERMINATED, Terminated

#: Command → what `hzdsl --help` says of it. The command is `command` in the module of this name (_ for -).
COMMANDS = {
    "run": "Run an analysis over files.",
    "plan": "Say what a run will read, hold and take, before it runs.",
    "merge": "Merge the slices of a run.",
    "show": "Print an analysis: parameters, cuts, histograms, columns, graph.",
    "check": "Check an analysis, and that both backends agree on a file.",
    "init": "Write a commented analysis to start from.",
    "browse": "List the trees and branches of a file, and guess its schema.",
    "datacard": "Check a datacard of Combine, and say what is in it.",
    "combine-cards": "Make one datacard of several.",
    "fit": "Fit a model to its data: values, errors, intervals.",
    "limit": "Find the upper limit on a signal, by CLs.",
    "significance": "Find the significance of a signal.",
    "scan": "Scan the likelihood over one or two parameters.",
    "impacts": "Rank nuisance parameters by what they do to the result.",
    "gof": "Test how well a model describes its data.",
    "compatibility": "Compare the signal of channels with each other.",
    "toys": "Throw toys of a model: fit them, keep them, find their limits.",
    "combine": "Do what a command line of Combine says.",
    "help": "Explain an error code, or a command.",
    "cache": "Show what is kept on disk to save time, or clear it.",
    "demo": "Run the Higgs → ZZ → 4ℓ demo on generated or on CERN's open data.",
}
DIFFERENT, PIPE_CLOSED = 1, 141
EPILOG = f"""\b
Exit status:
    0  done
    {DIFFERENT}  hzdsl check found differences between the backends
    {USAGE}  wrong options or arguments, or too little --max-memory
    {DATA}  the input or output files: missing, damaged, without the branches, named twice, not writable
    {SPEC}  the analysis: syntax, units, types, names, parameters
    {INTERNAL}  a mistake of hzdsl itself
    {LOST}  some of the input could not be read (without --allow-missing); the result of the rest is kept aside
    {FIT}  a fit did not converge, or does not say what is asked for
  {INTERRUPTED}  interrupted (Ctrl-C), {TERMINATED} by SIGTERM: hzdsl run leaves a partial result, --resume continues
  {PIPE_CLOSED}  the reader of the output has gone

hzdsl help CODE explains an error[CODE]. HZDSL_DEBUG=1 shows the Python traceback of any error."""


class App(click.Group):
    """A group that imports commands lazily and turns errors into messages and exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing it."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"hzdsl.cli.{cmd_name.replace('-', '_')}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; click would leave with status 1 where the reader of the output has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            return report(error)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run, and leave with the documented exit status."""
        extra.pop("standalone_mode", None)
        try:
            status = super().main(args, prog_name or "hzdsl", standalone_mode=False, **extra)
            sys.stdout.flush()
        except Exception as error:
            status = report(error)
        except KeyboardInterrupt:
            status = _say("interrupted", INTERRUPTED)
        except Terminated:
            status = _say("terminated", TERMINATED)
        sys.exit(status if isinstance(status, int) else 0)


def report(error: Exception) -> int:
    """Print an error to standard error and return the exit status it stands for."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit of Python stays silent
        return PIPE_CLOSED
    if os.environ.get("HZDSL_DEBUG") and not isinstance(error, click.exceptions.Exit):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    return _say(*_told(error))


def _told(error: Exception) -> tuple[str, int]:
    """Return what is said of an error, and its exit status."""
    if isinstance(error, HzdslError):
        return str(error), error.kind.exit_status
    if isinstance(error, click.Abort):
        return "interrupted", INTERRUPTED
    if isinstance(error, OSError):  # the files of hzdsl's own are guarded: this is standard output, say
        return f"error: {error}", DATA
    fix = "  this is a mistake of hzdsl: please report it with what HZDSL_DEBUG=1 shows"
    return f"internal error: {type(error).__name__}: {error}\n{fix}", INTERNAL


def _say(text: str, status: int) -> int:
    click.echo(text, err=True)
    return status


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from hzdsl.version import __version__

        click.echo(f"hzdsl {__version__}")
        ctx.exit()


@click.command(cls=App, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
def app() -> None:
    """Particle-physics analyses from one description to histograms, and from histograms to results.

    An analysis (SPEC) is a TOML, YAML, JSON or ADL document, or a Python program; a model is a datacard of Combine, or
    a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl demo
      hzdsl init mine --from FILE.root
      hzdsl run mine/analysis.toml
      hzdsl fit card.txt
      hzdsl help unit

    `hzdsl COMMAND --help` shows more.
    """
