"""``hzdsl combine``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click

from hzdsl.cli.datacard import lenient_option
from hzdsl.cli.inference.combine_words import IDLE, MISSING
from hzdsl.cli.options import Decorator, assignments, together

_used = (
    click.argument("inputs", nargs=-1, metavar="CARD..."),
    click.option("-M", "--method", default="AsymptoticLimits", show_default=True, help="What is done."),
    click.option("-d", "--datacard", "card", metavar="CARD", help="The card, where it does not stand alone."),
    click.option("-m", "--mass", type=float, default=120.0, show_default=True, help="What $MASS stands for."),
    click.option("-n", "--name", default="Test", show_default=True, help="A part of the names of files of --out."),
    click.option("--keyword-value", "keywords", multiple=True, metavar="WORD=VALUE", callback=assignments,
                 help="What $WORD in names of histograms stands for."),
    click.option("-P", "--parameters", multiple=True, metavar="NAME",
                 help="A parameter to fit or scan; or a physics model, MODULE:multiSignalModel or floatingXSHiggs."),
    click.option("--PO", "--physics-option", "physics_options", multiple=True, metavar="OPTION",
                 help="Of the physics model: map=PATTERN:NAME[START,LOW,HIGH], modes=ggH,qqH."),
    click.option("--channel-masks", is_flag=True, help="Channels have parameters mask_CHANNEL."),
    click.option("-t", "--toys", type=click.IntRange(-1), default=0, metavar="N",
                 help="N toys instead of the data, or -1: Asimov data."),
    click.option("--expectSignal", "expect_signal", type=float, metavar="R", help="Signal in them [default: 0]."),
    click.option("--toysFrequentist", "toys_frequentist", is_flag=True,
                 help="Toys after a fit, whose global observables differ; else nuisance parameters do."),
    click.option("--toysNoSystematics", "no_systematics", is_flag=True, help="Toys that differ in counts alone."),
    click.option("-s", "--seed", type=int, default=123456, show_default=True, help="-1: another one each time."),
    click.option("--rMin", "r_min", type=float, metavar="R", help="Least signal strength."),
    click.option("--rMax", "r_max", type=float, metavar="R", help="Greatest signal strength."),
    click.option("--setParameters", "set_parameters", metavar="A=1,B=2", help="Values of parameters."),
    click.option("--setParameterRanges", "set_ranges", metavar="A=0,1:B=0,2", help="Ranges of parameters."),
    click.option("--freezeParameters", "freeze", metavar="A,B", help="Fix them; rgx{…}, allConstrainedNuisances."),
    click.option("--floatParameters", "float_parameters", metavar="A,B", help="Fit them although the card does not."),
    click.option("--freezeNuisanceGroups", "freeze_groups", metavar="G", help="Fix groups; ^G: all but this."),
    click.option("--snapshotName", "snapshot", metavar="MultiDimFit",
                 help="What is frozen stays at its best values, of a fit that is done before."),
    click.option("--redefineSignalPOIs", "redefine_pois", metavar="A,B", help="The parameters of interest."),
    click.option("--floatOtherPOIs", "float_others", type=bool, default=False, help="Fit those that -P leaves out."),
    click.option("--algo", "--algorithm", "algo", metavar="NAME",
                 help="MultiDimFit: none, singles, grid, fixed, contour2d; GoodnessOfFit: saturated, KS, AD."),
    click.option("--points", type=click.IntRange(1), metavar="N", help="Points of a grid or contour [default: 50]."),
    click.option("--alignEdges", "align", type=bool, default=False, help="The grid begins and ends at the bounds."),
    click.option("--fixedPointPOIs", "fixed_points", metavar="A=1", help="The point of --algo fixed."),
    click.option("--minos", "algo_minos", type=click.Choice(["none", "poi", "all"]), default="poi",
                 help="Parameters with intervals in FitDiagnostics."),
    click.option("--saveShapes", "shapes", is_flag=True, help="Expected events before and after the fit."),
    click.option("--saveNormalizations", "normalizations", is_flag=True, help="The same."),
    click.option("--saveOverallShapes", "overall_shapes", is_flag=True, help="The same."),
    click.option("--skipBOnlyFit", "skip_background", is_flag=True, help="No fit without signal."),
    click.option("--justFit", "just_fit", is_flag=True, help="No fit without signal."),
    click.option("--cminDefaultMinimizerStrategy", "strategy", type=click.IntRange(0, 2), default=1, help="MIGRAD's."),
    click.option("-C", "--cl", "level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
                 show_default=True, help="Confidence level."),
    click.option("--run", "run_what", type=click.Choice(["both", "observed", "expected", "blind"]), default="both",
                 help="Which limits: both, observed, expected, blind."),
    click.option("--rule", default="CLs", help="CLs."),
    click.option("--singlePoint", "single_point", metavar="R", help="Test this value alone."),
    click.option("--uncapped", type=bool, default=False, help="A deficit has a negative significance."),
    click.option("--LHCmode", "lhc_mode", metavar="MODE",
                 help="HybridNew: LHC-limits, LHC-significance, LHC-feldman-cousins."),
    click.option("-T", "--toysH", "toys_per_point", type=click.IntRange(1), default=500, show_default=True,
                 help="Toys of HybridNew."),
    click.option("--clsAcc", "cls_accuracy", type=click.FloatRange(0),
                 help="Error of CLs to which toys are thrown next to a limit, or at --singlePoint; 0: no more than -T "
                      "[default: 0.005]."),
    click.option("--fork", type=click.IntRange(0), default=0, help="Threads for toys."),
    click.option("--fixedSignalStrength", "fixed_strength", type=float, help="The strength in GoodnessOfFit."),
    click.option("-g", "--group", "groups", multiple=True, metavar="TEXT",
                 help="Channels that share a strength in ChannelCompatibilityCheck."),
    click.option("--named", metavar="A,B", help="The nuisance parameters of Impacts."),
    lenient_option,
    click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document."),
    click.option("--out", "folder", metavar="DIR", help="Write JSON, text and LaTeX into this folder."),
    click.option("--plots", is_flag=True, help="Also draw the result, into the folder of --out or this one."),
    click.option("--quiet", "-q", is_flag=True, help="No progress bar, no remarks."),
)  # fmt: skip


def _others() -> list[Decorator]:
    return [
        click.option(*w.names, _key(w.names[0]), hidden=True, multiple=w.valued, is_flag=not w.valued)
        for w in (*IDLE, *MISSING)
    ]


def _key(name: str) -> str:
    return f"word_{name.strip('-').replace('-', '_').lower()}"


class _Guessing(click.Command):
    """Takes the beginning of a long option for the option, where there is but one: so does Combine."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments with long options spelled out."""
        known = {o for p in self.get_params(ctx) for o in p.opts if o.startswith("--")}
        return super().parse_args(ctx, [_spelled_out(word, known) for word in args])


def _spelled_out(word: str, known: Collection[str]) -> str:
    name, equals, value = word.partition("=")
    if not name.startswith("--") or name in known or len(name) < len("--x"):
        return word
    meant = [option for option in known if option.startswith(name)]
    return meant[0] + equals + value if len(meant) == 1 else word


@click.command("combine", cls=_Guessing, short_help="Do what a command line of Combine says.")
@together(*_used, *_others())
@click.pass_context
def command(ctx: click.Context, /, **said: Any) -> None:
    """Do what a command line of Combine says, with Combine's options and what they mean there.

    Methods: AsymptoticLimits, ChannelCompatibilityCheck, FitDiagnostics, GenerateOnly, GoodnessOfFit, HybridNew,
    Impacts, MultiDimFit, Significance. Options of Combine that would change nothing are accepted, and it is said why;
    those that are not offered are refused. Results are those of hzdsl fit, limit, significance, scan, impacts, gof,
    compatibility and toys, whose exit status it has, too.

    \b
    Examples:
      hzdsl combine -M FitDiagnostics --rMin=-5 --rMax=5 card.txt -t -1 --expectSignal=1 -m 125
      hzdsl combine -M Significance card.txt -t -1 --expectSignal=1 -m 125
      hzdsl combine -M AsymptoticLimits card.txt --run blind
      hzdsl combine -M MultiDimFit card.txt --algo grid --points 40 --setParameterRanges r=0,4
      hzdsl combine -M HybridNew card.txt --LHCmode LHC-limits -T 1000 --fork 2
    """
    from hzdsl.cli.inference.combine_request import request_of
    from hzdsl.cli.inference.combine_said import Words, check_inputs, refused, told
    from hzdsl.cli.inference.doing import do

    refused([(w.names[0], w.why) for w in MISSING if said[_key(w.names[0])]])
    given = {
        name for name in said
        if not name.startswith("word_") and ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }  # fmt: skip
    said["inputs"] = check_inputs(said["inputs"], said.pop("card"))
    notes = told([(w.names[0], w.why) for w in IDLE if said[_key(w.names[0])]])
    do(request_of(Words(said, given - {"card"}), notes))
