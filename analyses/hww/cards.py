"""Histograms of a run as the seed's ROOT files and datacards, one of each for six regions, and all six in one card.

    python -m analyses.hww.cards hww-events Combine                  # data are what is predicted (Asimov)
    python -m analyses.hww.cards hww-events Combine --toy 1          # data are Poisson numbers, of this seed

Names are the seed's, letter for letter.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import hzdsl as hz
from hzdsl.io.sinks import write_text
from hzdsl.results import Result
from hzdsl.run import run
from hzdsl.stats import CardStyle, FilledChannel, Uncertainties, filled_channel, with_asimov, with_toy, write_channels
from hzdsl.stats.cards.combining import combine_cards
from hzdsl.stats.cards.writer import write_card

SPEC = Path(__file__).with_name("hww.toml")
VARIABLE = "mt_higgs"
#: The signal first.
PROCESSES = ("ggH_HWW", "WW", "Top_antitop", "DY_to_Tau_Tau", "Fakes", "ggWW", "Diboson", "VG")
#: Of each region: its channel, its ROOT file, its card.
REGIONS = {
    "SR/0jet": ("ggH_hww_0j", "combine_input_SR0j.root", "hww_sr0j_datacard.txt"),
    "SR/1jet": ("ggH_hww_1j", "combine_input_SR1j.root", "hww_sr1j_datacard.txt"),
    "SR/2jet": ("ggH_hww_2j", "combine_input_SR2j.root", "hww_sr2j_datacard.txt"),
    "CR_top/0jet": ("Top_0j", "combine_input_topCR0j.root", "hww_topCR0j_datacard.txt"),
    "CR_top/1jet": ("Top_1j", "combine_input_topCR1j.root", "hww_topCR1j_datacard.txt"),
    "CR_top/2jet": ("Top_2j", "combine_input_topCR2j.root", "hww_topCR2j_datacard.txt"),
}
COMBINED = "combined_datacard.txt"
#: Variations of the run, and what they are called in cards.
SYSTEMATICS = {"trigger": "CMS_trigger", "ele_id": "CMS_eff_e", "mu_id": "CMS_eff_m"}
UNCERTAINTIES = Uncertainties(norms={"lumi_13TeV": 1.012}, threshold=10, include_signal=True)
STYLE = CardStyle(counted=False)


def histograms(events: Path, *, backend: str = "codegen", threads: int = 1) -> Result:
    """Return the histograms of all samples in a folder."""
    document = replace(hz.load(SPEC).document, folder=str(events))
    return run(document, backend=backend, threads=threads)


def channels_of(result: Result) -> list[FilledChannel]:
    """Return the six channels; negative bins are empty, which their remarks say."""
    wanted = {"processes": PROCESSES, "signals": PROCESSES[:1], "systematics": SYSTEMATICS, "negative": "zero"}
    return [filled_channel(result, f"{region}/{VARIABLE}", name, **wanted) for region, (name, _, _) in REGIONS.items()]


def write(channels: Sequence[FilledChannel], folder: Path) -> None:
    """Write the ROOT file and the card of each channel, and the card of all six, which the seed's commands fit."""
    folder.mkdir(parents=True, exist_ok=True)
    cards = [
        (name, write_channels(channel, folder / card, folder / shapes, UNCERTAINTIES, STYLE))
        for channel, (name, shapes, card) in zip(channels, REGIONS.values(), strict=True)
    ]
    beside = [(name, replace(card, source=Path(card.source).name)) for name, card in cards]
    write_text(folder / COMBINED, write_card(combine_cards(beside), counted=False))


def main() -> None:
    """Run, write, and say what there is to say."""
    known = argparse.ArgumentParser(prog="python -m analyses.hww.cards", description=__doc__.split("\n", 1)[0])
    known.add_argument("events", type=Path, help="the folder of the samples")
    known.add_argument("folder", type=Path, help="where to write")
    known.add_argument("--toy", type=int, metavar="SEED", help="data are Poisson numbers, else what is predicted")
    given = known.parse_args()
    channels = channels_of(histograms(given.events))
    channels = with_asimov(channels) if given.toy is None else with_toy(channels, given.toy)
    write(channels, given.folder)
    for c in channels:
        signal, all_ = (
            sum(t.nominal.values.sum() for t in c.processes if t.signal or every) for every in (False, True)
        )
        print(f"{c.name:>12}: signal {signal:.1f} of {all_:.1f} predicted, {c.data.values.sum():.1f} observed")
    for remark in (r for c in channels for r in c.remarks):
        print("note:", remark)
    print(f"{given.folder}: {len(channels)} ROOT files, their cards, {COMBINED}")


if __name__ == "__main__":
    main()
