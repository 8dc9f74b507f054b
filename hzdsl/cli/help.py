"""``hzdsl help``: the page of an error code, or the help of a command."""

from __future__ import annotations

from importlib import resources

import click

from hzdsl.cli.app import COMMANDS
from hzdsl.errors import KINDS, HzdslError, did_you_mean


@click.command("help", short_help="Explain an error code, or a command.")
@click.argument("topic", metavar="[CODE]", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Explain an error code: what it means, examples of what is refused, how to mend it; or a command.

    Without CODE all codes are listed.

    \b
    Examples:
      hzdsl help
      hzdsl help unit
      hzdsl help run
    """
    if topic is None:
        width = max(map(len, KINDS))
        click.echo("\n".join(f"{code:{width}}  {kind.summary}" for code, kind in KINDS.items()))
    elif topic in COMMANDS and topic in KINDS:
        click.echo(f"{page(topic)}\n`hzdsl {topic} --help` explains the command of this name.")
    elif topic in COMMANDS:
        assert ctx.parent is not None
        assert isinstance(ctx.parent.command, click.Group)
        found = ctx.parent.command.get_command(ctx.parent, topic)
        assert found is not None
        here = click.Context(found, info_name=f"hzdsl {topic}", help_option_names=ctx.help_option_names)
        click.echo(found.get_help(here))
    else:
        click.echo(page(topic.removeprefix("error[").removesuffix("]")).rstrip("\n"))


def page(code: str) -> str:
    """Return the page of an error code.

    Raises
    ------
    HzdslError
        `options` where there is no such code.

    Examples
    --------
    >>> page("unit").splitlines()[0]
    '# `unit`'
    """
    if code not in KINDS:
        fix = did_you_mean(code, [*KINDS, *COMMANDS]) or "hzdsl help lists the codes, hzdsl --help the commands"
        raise HzdslError("options", f"there is no error code '{code}'", fix=fix)
    return (resources.files("hzdsl.cli") / "errors" / f"{code}.md").read_text(encoding="utf-8")
