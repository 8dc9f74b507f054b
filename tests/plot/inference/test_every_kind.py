"""Every kind of result has figures, whose words can be read, with few entries and with many."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hzdsl.errors import HzdslError
from hzdsl.plot.inference import figures, write_figures
from hzdsl.stats.methods.nuisances import correlations
from hzdsl.stats.record import Record
from tests.plot.inference.records import every, fit, impacts, limits, subject
from tests.plot.inference.words import apart

FEW = every(5)


@pytest.mark.parametrize("kind", FEW)
def test_words_can_be_read(kind: str) -> None:
    shown = list(figures(FEW[kind], subject()))
    assert shown
    assert len({name for name, _ in shown}) == len(shown)
    for _, figure in shown:
        apart(figure)


def test_many_correlations_can_be_read() -> None:
    for _, figure in figures(correlations(fit(60)), subject(60)):
        apart(figure)


def test_many_impacts_are_pages_that_can_be_read() -> None:
    shown = dict(figures(impacts(61), subject(61)))
    assert list(shown) == ["impacts_r_1", "impacts_r_2", "impacts_r_3", "impacts_r_groups"]
    apart(shown["impacts_r_1"])


def test_figures_of_a_fit() -> None:
    assert [name for name, _ in figures(fit(2))] == ["pulls", "correlations", "fit_table"]


def test_a_result_without_a_plot_of_its_own_is_its_tables() -> None:
    ((name, figure),) = figures(FEW["p-value"])
    assert name == "table"
    cells = [t.get_text() for t in figure.texts if t.get_gid() == "cell"]
    assert cells[:2] == ["observed", "4.2"]


def test_no_kind_of_record_is_forgotten() -> None:
    """Kinds without a picture of their own are named here."""
    tables = {"Global", "Generated", "ToyPValue", "Outcome", "PartOfTest"}
    known = {type(r).__name__ for r in FEW.values()}

    def below(kind: type) -> set[str]:
        return {kind.__name__} | {name for k in kind.__subclasses__() for name in below(k)}

    ours = {k.__name__ for k in _all(Record) if k.__module__.startswith("hzdsl.stats.")}
    assert ours - known - tables == set()


def _all(kind: type) -> set[type]:
    return {k for child in kind.__subclasses__() for k in {child, *_all(child)}}


def test_files_are_the_same_bytes(tmp_path) -> None:
    first = write_figures(figures(limits(), subject()), tmp_path / "a", ["png", "pdf", "svg"], stem="card/1")
    second = write_figures(figures(limits(), subject()), tmp_path / "b", ["png", "pdf", "svg"], stem="card/1")
    assert [p.name for p in first] == ["card_1_limit_r.png", "card_1_limit_r.pdf", "card_1_limit_r.svg"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_names_that_are_taken_have_numbers(tmp_path) -> None:
    both = [*figures(limits()), *figures(limits())]
    assert [p.stem for p in write_figures(both, tmp_path)] == ["limit_r", "limit_r_2"]


def test_what_names_begin_with_is_not_said_twice(tmp_path) -> None:
    shown = [
        (name, figure)
        for name, (_, figure) in zip(("fit", "fit_table", "fitted"), 3 * list(figures(limits())), strict=True)
    ]
    assert [p.stem for p in write_figures(shown, tmp_path, stem="fit")] == ["fit", "fit_table", "fit_fitted"]


def test_unknown_formats_are_refused_before_anything_is_drawn(tmp_path) -> None:
    with pytest.raises(HzdslError, match="plots are not written as 'gif'"):
        write_figures(iter([]), tmp_path / "none", ["gif"])
    assert not (tmp_path / "none").exists()


def test_statistics_are_known_without_matplotlib() -> None:
    code = "import sys, hzdsl.stats.methods.scans, hzdsl.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
