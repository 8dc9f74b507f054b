"""What a command asks for, as one record: hzdsl's own commands and Combine's command lines both become it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, Protocol

from hzdsl.records import dataclass
from hzdsl.stats.methods.interest import Progress
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.record import Record
from hzdsl.stats.setup.adjusting import Adjustments
from hzdsl.stats.setup.opening import Opened, Reading
from hzdsl.stats.setup.pretended import Pretended


@dataclass(frozen=True)
class Output:
    """Where results go.

    Parameters
    ----------
    form : {"text", "json", "latex"}
        What is printed.
    folder : str, optional
        Where JSON, text and LaTeX are written.
    stem : str
        What files are called.
    quiet : bool
        Whether results alone are said.
    pictures : tuple of str
        Formats of plots, which are drawn into `folder`, or where the command is called; none where there are none.
    """

    form: Literal["text", "json", "latex"] = "text"
    folder: str | None = None
    stem: str = "result"
    quiet: bool = False
    pictures: tuple[str, ...] = ()

    @property
    def bar(self) -> bool:
        """Whether progress is shown."""
        return not self.quiet and self.form == "text"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a method found.

    Parameters
    ----------
    records : tuple of Record
        What is shown, and written.
    problems : tuple of str
        What is wrong with it: the command fails, after showing it.
    numbers : mapping of str to float
        What it comes down to, of which there is a distribution over toys.
    notes : tuple of str
        Remarks.
    fix : str
        How problems are mended, where that is known.
    at_bounds : tuple of str
        Parameters that a fit left at a bound, where that is among the problems.
    """

    records: tuple[Record, ...]
    problems: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fix: str = ""
    at_bounds: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Subject:
    """What a method works on.

    Parameters
    ----------
    likelihood : JointLikelihood
        Given its data.
    opened : Opened
        What was read.
    pretended : Pretended
        What the data are, if not those that were measured.
    how : How
        How toys are thrown.
    ranges : mapping of str to (float, float)
        The bounds that a user said, NaN on a side that was left out.
    """

    likelihood: JointLikelihood
    opened: Opened
    pretended: Pretended
    how: How
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def progress(self) -> Progress:
        """Who is told of what is done."""
        return self.how.progress


class Study(Protocol):
    """A method with its own options."""

    @property
    def name(self) -> str:
        """What it is called where its results over toys are shown."""

    @property
    def random(self) -> bool:
        """Whether it throws toys of its own."""

    @property
    def signal(self) -> bool:
        """Whether the parameters of interest have to change what is expected."""

    def run(self, subject: Subject) -> Outcome:
        """Return what it finds."""


@dataclass(frozen=True, eq=False)
class Request:
    """A method, on a model of files, with changed parameters, on data or what is pretended to be."""

    inputs: tuple[str, ...]
    study: Study
    reading: Reading = Reading()
    adjustments: Adjustments = Adjustments()
    pretended: Pretended = Pretended()
    output: Output = Output()
    seed: int = 1
    threads: int = 1
    notes: tuple[str, ...] = ()
