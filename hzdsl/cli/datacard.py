"""``hzdsl datacard``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from hzdsl.cli.notes import say
from hzdsl.cli.options import Decorator, assignments, gathered, remote_options
from hzdsl.io.options import RemoteOptions
from hzdsl.records import dataclass

if TYPE_CHECKING:
    from hzdsl.stats.cards.rates import Rates
    from hzdsl.stats.cards.records import Card
    from hzdsl.stats.cards.shapes import Substitutions


@dataclass(frozen=True)
class Chosen:
    """Which histograms the names in a card mean, as the command line says."""

    mass: float | None
    keywords: tuple[tuple[str, str], ...]

    def substitutions(self) -> Substitutions:
        """Return what stands for the words after a `$`."""
        from hzdsl.stats.cards.shapes import Substitutions, keywords

        return Substitutions(self.mass, keywords(self.keywords))


shapes_options: Decorator = gathered(
    "chosen", Chosen,
    click.option("-m", "--mass", type=float, metavar="MASS", help="What $MASS in names of histograms stands for."),
    click.option("--keyword-value", "keywords", multiple=True, metavar="WORD=VALUE", callback=assignments,
                 help="What $WORD in names of histograms stands for (may be repeated)."),
)  # fmt: skip
lenient_option: Decorator = click.option(
    "--lenient", is_flag=True, help="Accept channels that begin with a digit, as old cards have them."
)


@click.command("datacard", short_help="Check a datacard of Combine, and say what is in it.")
@click.argument("card", metavar="CARD")
@click.option("--check", is_flag=True, help="Read all its histograms, too, and check them against each other.")
@click.option("--edit", is_flag=True, help="Apply its nuisance edits before anything is shown.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.option("--text", "as_card", is_flag=True, help="Print the card itself, in columns, instead of tables.")
@lenient_option
@shapes_options
@remote_options
def command(
    *,
    card: str,
    check: bool,
    edit: bool,
    as_json: bool,
    as_card: bool,
    lenient: bool,
    chosen: Chosen,
    remote: RemoteOptions,
) -> None:
    """Check a datacard of Combine, and say what is in it: rates, systematic uncertainties, parameters, groups, shapes.

    Everything that is wrong with CARD is said at once, each with its line. Its histograms are read with --check alone;
    those of workspaces are not opened.

    \b
    Examples:
      hzdsl datacard card.txt
      hzdsl datacard card.txt --check -m 125
      hzdsl datacard card.txt --json | jq .systematics
      hzdsl datacard card.txt --edit --text > edited.txt
    """
    if as_json and as_card:
        raise click.UsageError("--json and --text are two forms of the same card: give one")
    from hzdsl.stats.cards.checking import remarks
    from hzdsl.stats.cards.editing import edited
    from hzdsl.stats.cards.reader import read_card

    found = read_card(card, lenient=lenient)
    shown = edited(found) if edit else found
    say(remarks(edited(found)))
    rates: Rates | None = None
    if check:
        rates = _checked(edited(found), chosen, remote)
    if as_json:
        click.echo(json.dumps(_document(shown, rates), indent=1, ensure_ascii=False))
    elif as_card:
        from hzdsl.stats.cards.writer import write_card

        click.echo(write_card(shown), nl=False)
    else:
        from hzdsl.results.text import render
        from hzdsl.stats.cards.summary import headline, summary

        click.echo(f"{card}: {headline(edited(found))}\n")
        render(summary(shown, rates), sys.stdout)


def _checked(card: Card, chosen: Chosen, remote: RemoteOptions) -> Rates:
    """Return the rates of a card whose histograms were read; remarks on them are printed."""
    from hzdsl.stats.cards.checking import check_shapes
    from hzdsl.stats.cards.templates import Templates

    with Templates(card, chosen.substitutions(), remote) as templates:
        rates, remarks = check_shapes(templates)
    say(remarks)
    return rates


def _document(card: Card, rates: Rates | None) -> dict[str, object]:
    """Return a card as plain data; the numbers of histograms in the place of -1 where they were read."""
    from hzdsl.stats.cards.document import card_document

    found = card_document(card)
    if rates is not None:
        for channel in found["channels"]:
            channel["observed"] = rates.observed[channel["name"]]
        for column in found["rates"]:
            column["rate"] = rates.expected[column["channel"], column["process"]]
    return found
