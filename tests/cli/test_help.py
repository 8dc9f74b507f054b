"""``hzdsl help``."""

from __future__ import annotations

import pytest

from hzdsl.errors import KINDS


def test_the_list(hzdsl):
    lines = hzdsl("help").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [*KINDS]


@pytest.mark.parametrize("topic", ["unit", "error[unit]"])
def test_a_page(hzdsl, topic):
    text = hzdsl("help", topic).stdout
    assert text.startswith("# `unit`\n")
    assert "error[unit]: Muon.pt is in GeV, 5 is a plain number" in text


def test_a_command(hzdsl):
    assert hzdsl("help", "run").stdout == hzdsl("run", "--help").stdout.replace("app run", "hzdsl run", 1)


def test_no_such_code(hzdsl):
    assert "fix: did you mean unit?" in hzdsl("help", "units", status=2).stderr
