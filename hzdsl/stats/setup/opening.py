"""Files that say models, told apart by what is in them: datacards of Combine, HistFactory and HS3 documents."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.stats.cards.combining import combine_cards
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import Card
from hzdsl.stats.cards.shapes import Substitutions
from hzdsl.stats.combine.model import Meaning, model_of
from hzdsl.stats.combine.physics import PhysicsModel, SignalStrength
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.channels import PerChannel

Kind = Literal["datacard", "HistFactory", "HS3"]
#: Files of ROOT begin so.
ROOT = b"root"


@dataclass(frozen=True)
class Reading:
    """How files are read.

    Parameters
    ----------
    physics : PhysicsModel
        By what the processes of a card are multiplied.
    substitutions : Substitutions
        What $MASS and other words in names of histograms stand for.
    masks : bool
        Each channel of a card gets a parameter ``mask_CHANNEL`` that switches it off.
    lenient : bool
        Channels of cards may begin with a digit.
    """

    physics: PhysicsModel = SignalStrength()
    substitutions: Substitutions = Substitutions()
    masks: bool = False
    lenient: bool = False


@dataclass(frozen=True, eq=False)
class Opened:
    """A model and where it is from.

    Parameters
    ----------
    name : str
        The files.
    kind : str
        What they are.
    likelihood : JointLikelihood
        -ln L, given the data in them.
    per_channel : callable
        Makes the same with one parameter of interest in each channel instead of one in all: called with the name of
        the parameter and those of the new ones by channel.
    """

    name: str
    kind: Kind
    likelihood: JointLikelihood
    per_channel: Callable[[str, Mapping[str, str]], JointLikelihood]


def opened(inputs: Sequence[str], reading: Reading | None = None) -> Opened:
    """Return the model of a file, or of several datacards together.

    Parameters
    ----------
    inputs : sequence of str
        One file, or cards as ``NAME=CARD``, which are combined as `combine_cards` does.
    reading : Reading, optional
        How they are read.

    Raises
    ------
    HzdslError
        What is wrong in the files; ``file-format`` where they say no model.
    """
    reading = reading or Reading()
    kinds = {path: kind_of(_path(path)) for path in inputs}
    other = next((path for path, kind in kinds.items() if kind != "datacard"), None)
    if other is not None and len(inputs) > 1:
        what = f"{other} is no datacard, and several inputs are cards that are combined"
        raise HzdslError("options", what, fix="give it alone")
    return _of_card(_card(inputs, reading), ", ".join(map(_path, inputs)), reading)


def kind_of(path: str) -> Kind:
    """Return what a file is, by how it begins.

    Raises
    ------
    HzdslError
        ``file-missing``; ``file-format`` for a file of ROOT.
    """
    head = _head(path)
    if head.startswith(ROOT):
        fix = "give the datacard that names it; hzdsl reads the workspaces that cards name"
        raise HzdslError("file-format", f"{path} is a ROOT file, which says no model by itself", fix=fix)
    return "datacard"


def _head(path: str, size: int = 4096) -> bytes:
    try:
        with open(path, "rb") as file:
            head = file.read(size)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as packed:
                head = packed.read(size)
    except FileNotFoundError:
        raise HzdslError("file-missing", f"there is no file {path}", fix="check its name and folder") from None
    except OSError as error:
        raise HzdslError("file-missing", f"{path} cannot be read: {error.strerror or error}") from None
    return head


def _name(text: str) -> str:
    return text.partition("=")[0] if "=" in text else ""


def _path(text: str) -> str:
    return text.partition("=")[2] if "=" in text else text


def _card(inputs: Sequence[str], reading: Reading) -> Card:
    cards = [(_name(text), read_card(_path(text), lenient=reading.lenient)) for text in inputs]
    if len(cards) == 1 and not cards[0][0]:
        return cards[0][1]
    # Cards without shapes beside others are counting experiments: their likelihood is the same, with one bin.
    shapes = any(card.shapes for _, card in cards)
    return combine_cards([(name or f"ch{k}", card) for k, (name, card) in enumerate(cards, 1)], shapes=shapes)


def _of_card(card: Card, name: str, reading: Reading) -> Opened:
    def read(physics: PhysicsModel) -> JointLikelihood:
        return model_of(card, Meaning(physics, reading.substitutions, reading.masks)).likelihood()

    def per_channel(poi: str, names: Mapping[str, str]) -> JointLikelihood:
        return read(PerChannel(reading.physics, poi, names))

    return Opened(name, "datacard", read(reading.physics), per_channel)
