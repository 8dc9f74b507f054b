from __future__ import annotations

import logging

import numpy as np
import pytest

from hzdsl.plot.names import LONGEST, Stems, file_stem
from hzdsl.plot.text import (
    axis_label,
    conditions_text,
    count,
    drawable,
    events_label,
    luminosity_text,
    number,
)
from hzdsl.results import AxisResult


def axis(edges, unit="GeV", label="", regular=True):
    return AxisResult("x", unit, label, np.asarray(edges, float), regular)


@pytest.mark.parametrize(
    ("label", "unit", "shown"),
    [
        ("$m$", "GeV", "$m$ [GeV]"),
        ("$m$ [GeV]", "GeV", "$m$ [GeV]"),
        ("m (GeV)", "GeV", "m (GeV)"),
        ("", "GeV", "x [GeV]"),
        (r"\eta", "", r"$\eta$"),
        ("q²", "GeV**2", "q² [GeV$^{2}$]"),
        ("two\nlines", "", "two lines"),
    ],
)
def test_axis_label(label, unit, shown):
    assert axis_label(axis([0, 1], unit, label)) == shown


@pytest.mark.parametrize(
    ("edges", "unit", "regular", "shown"),
    [
        (np.linspace(0.25, 300, 30001), "GeV", True, "Events / 9.99 MeV"),
        ([0, 20, 40], "GeV", True, "Events / 20 GeV"),
        ([0, 20, 60], "GeV", False, "Events / bin"),
        ([0, 20, 40], "GeV", False, "Events / 20 GeV"),
        ([0, 1, 2], "", True, "Events"),
        ([0, 0.1], "", True, "Events / 0.1"),
        ([0, 12345678], "cm", True, r"Events / 1.23$\times$10$^{7}$ cm"),
    ],
)
def test_events_label(edges, unit, regular, shown):
    assert events_label(axis(edges, unit, "", regular)) == shown


def test_luminosity_and_energy():
    assert luminosity_text(139000.0) == "139 fb$^{-1}$"
    assert luminosity_text(0.036) == "36 nb$^{-1}$"
    assert luminosity_text(0.0) == ""
    assert conditions_text("13", None) == r"$\sqrt{s}$ = 13 TeV"
    assert conditions_text(r"$\sqrt{s}$ = 7 and 8 TeV", None) == r"$\sqrt{s}$ = 7 and 8 TeV"
    assert conditions_text("", None) == ""


def test_numbers():
    assert number(999.6) == "1000"
    assert number(-0.00001234) == r"-1.23$\times$10$^{-5}$"
    assert number(float("nan")) == "nan"
    assert count(13743.0) == "13\N{NO-BREAK SPACE}743"
    assert count(-2.0) == "-2"


def test_broken_latex_is_shown_as_written(caplog):
    with caplog.at_level(logging.WARNING, "hzdsl.plot"):
        assert drawable(r"$\frac$") == r"\$\frac\$"
    assert "not LaTeX" in caplog.text


def test_a_letter_below_a_letter_is_set_as_such():
    assert drawable("p_T of m_4 and a_b_c, x_10 h_mass") == "$p_T$ of $m_4$ and a_b_c, x_10 h_mass"


def test_file_names_are_safe_and_unique():
    assert file_stem("a b", "c:d*e?") == "a_b_c_d_e"
    assert file_stem(None, "../..") == "histogram"
    long = [file_stem("r" * 300, end) for end in "ab"]
    assert max(map(len, long)) <= LONGEST
    assert long[0] != long[1]
    stems = Stems()
    assert [stems.take("x") for _ in range(3)] == ["x", "x_2", "x_3"]
