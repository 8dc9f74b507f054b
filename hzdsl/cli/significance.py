"""``hzdsl significance``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, study_options, toys_option


@click.command("significance", short_help="Find the significance of a signal.")
@toys_option("Toys without signal, instead of the asymptotic formula.")
@click.option("--uncapped", is_flag=True, help="A deficit has a negative significance instead of none.")
@study_options("significance", random=True)
def command(*, asked: Asked, toys: int, uncapped: bool) -> None:
    """Find the significance of a signal: how improbable the data are without it.

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl significance card.txt
      hzdsl significance card.txt --asimov --expect 1 -m 125
      hzdsl significance card.txt --toys 5000 -j 2 --seed 7
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Significance

    if toys and uncapped:
        raise click.UsageError("toys have no negative significance: leave --uncapped or --toys out")
    do(asked.request(Significance(toys, not uncapped)))
