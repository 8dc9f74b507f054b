"""``hzdsl combine-cards``."""

from __future__ import annotations

import os
import re

import click

from hzdsl.cli.datacard import lenient_option
from hzdsl.errors import HzdslError


@click.command("combine-cards", short_help="Make one datacard of several.")
@click.argument("cards", nargs=-1, required=True, metavar="[NAME=]CARD...")
@click.option("-o", "--output", metavar="FILE", help="Write the card here [default: standard output].")
@click.option("--ic", "--include-channel", "include", multiple=True, metavar="REGEX",
              help="Take only channels whose name begins so (may be repeated).")  # fmt: skip
@click.option("--xc", "--exclude-channel", "exclude", multiple=True, metavar="REGEX",
              help="Leave out channels whose name begins so (may be repeated).")  # fmt: skip
@click.option("-S", "--force-shape", "shapes", is_flag=True,
              help="Cards without shapes are counting experiments among shapes.")  # fmt: skip
@click.option("-s", "--stat", "statistics", is_flag=True, help="Leave systematic uncertainties out.")
@click.option("-P", "--prefix", default="", metavar="PATH", help="Write this before the paths of all cards.")
@lenient_option
def command(
    *,
    cards: tuple[str, ...],
    output: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    shapes: bool,
    statistics: bool,
    prefix: str,
    lenient: bool,
) -> None:
    """Make one datacard of several: what has one name in them is one parameter.

    Channels are called NAME, or NAME_channel where the card has several; NAME is ch1, ch2, … where none is given, and
    with NAME . channels keep theirs. Paths of files with shapes lead from where the card is written to. The nuisance
    edits of a card are applied to it alone.

    \b
    Examples:
      hzdsl combine-cards mu=mu.txt el=el.txt -o both.txt
      hzdsl combine-cards sr=a/sr.txt cr=a/cr.txt --xc "sr_0j" > card.txt
      hzdsl combine-cards -S ch1=counting.txt ch2=shapes.txt -o both.txt
    """
    from hzdsl.stats.cards.combining import combine_cards
    from hzdsl.stats.cards.parts import Choice
    from hzdsl.stats.cards.reader import read_card
    from hzdsl.stats.cards.writer import write_card

    _check_patterns((*include, *exclude))
    named = [_named(card, k) for k, card in enumerate(cards, 1)]
    text = write_card(
        combine_cards(
            [(name, read_card(prefix + path, lenient=lenient)) for name, path in named],
            folder=os.path.dirname(output or ""),
            choice=Choice(include, exclude),
            shapes=shapes,
            statistics_only=statistics,
        )
    )
    if output is None:
        click.echo(text, nl=False)
        return
    from hzdsl.io.sinks import write_text

    write_text(output, text)


def _named(card: str, number: int) -> tuple[str, str]:
    """Return the name and the path of a card."""
    name, equals, path = card.partition("=")
    return (name, path) if equals else (f"ch{number}", card)


def _check_patterns(patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise HzdslError("options", f"'{pattern}' is no regular expression: {error}") from None
