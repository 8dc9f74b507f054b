"""``hzdsl compatibility``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, study_options, toys_option


@click.command("compatibility", short_help="Compare the signal of channels with each other.")
@click.option("--group", "-g", "together", multiple=True, metavar="TEXT",
              help="Channels with this in their name share a signal strength (may be repeated).")  # fmt: skip
@toys_option("Toys of the common fit, for a p-value besides that of χ².")
@study_options("compatibility", random=True)
def command(*, asked: Asked, together: tuple[str, ...], toys: int) -> None:
    """Compare the signal of channels: one strength in all of them against one in each.

    INPUT is a datacard of Combine, or several as NAME=CARD.

    \b
    Examples:
      hzdsl compatibility card.txt -m 125
      hzdsl compatibility card.txt -g mu -g el --toys 200
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Compatibility

    do(asked.request(Compatibility(together, toys)))
