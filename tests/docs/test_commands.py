"""The shell lines of the README and the pages: commands that exist, with options that they have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from hzdsl.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def lines() -> list[str]:
    found = []
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.M | re.S):
            found += [x.split("  #")[0].strip() for x in block.splitlines() if x.startswith("hzdsl ")]
    return sorted({x for x in found if not re.search(r"[|>;&$…\\]|\[", x)})


def test_there_are_lines() -> None:
    assert len(lines()) > 20


@pytest.mark.parametrize("line", lines())
def test_the_command_has_these_options(line: str) -> None:
    group = app
    words = shlex.split(line)[1:]
    context = click.Context(group)
    name, command, rest = group.resolve_command(context, words)
    assert command is not None, name
    command.make_parser(click.Context(command, info_name=name, parent=context)).parse_args(rest)
