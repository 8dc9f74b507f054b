"""Files that say models, told apart by what is in them: datacards of Combine, HistFactory and HS3 documents."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from hzdsl.errors import HzdslError
from hzdsl.jsonfile import read_json
from hzdsl.lang.places import located
from hzdsl.records import dataclass
from hzdsl.stats.cards.combining import combine_cards
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import Card
from hzdsl.stats.cards.shapes import Substitutions
from hzdsl.stats.combine.model import CardModel, Meaning, model_of
from hzdsl.stats.combine.physics import PhysicsModel, SignalStrength
from hzdsl.stats.densities.binned import Rule
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.histfactory import reading as histfactory
from hzdsl.stats.hs3.channels import Errors
from hzdsl.stats.hs3.densities import unbinned_model
from hzdsl.stats.hs3.reading import model_of as binned_model
from hzdsl.stats.hs3.reading import read_workspace
from hzdsl.stats.hs3.records import Unbinned
from hzdsl.stats.hs3.settings import chosen_likelihood
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.setup.channels import PerChannel, template_per_channel
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, TemplateModel
from hzdsl.stats.templates.remarks import remarks

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
    bins : {"integral", "centre"}
        What the densities of a card expect in bins: their integral, or (Combine) their value in the middle.
    choice : str, optional
        The measurement of a HistFactory document, or the analysis of an HS3 document, where there are several.
    patchset, patch : str, optional
        A patchset for a HistFactory document, and the name of the patch that is applied.
    shapesys : str, optional
        What the errors in an HS3 document are, where it does not follow from who wrote it.
    """

    physics: PhysicsModel = SignalStrength()
    substitutions: Substitutions = Substitutions()
    masks: bool = False
    lenient: bool = False
    bins: Rule = "integral"
    choice: str | None = None
    patchset: str | None = None
    patch: str | None = None
    shapesys: Errors | None = None


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
    channels : tuple of Channel
        The binned channels as records: their edges, labels and processes, for plots.
    unbinned : tuple of UnbinnedChannel
        The channels of rows.
    """

    name: str
    kind: Kind
    likelihood: JointLikelihood
    per_channel: Callable[[str, Mapping[str, str]], JointLikelihood]
    channels: tuple[Channel, ...] = ()
    unbinned: tuple[UnbinnedChannel, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is perhaps not meant in it: negative bins, data where nothing but signal is expected."""
        return tuple(remarks(self.channels))


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
    kinds = {text: kind_of(_path(text)) for text in inputs}
    other = next((text for text, kind in kinds.items() if kind != "datacard"), None)
    if other is None:
        return _of_card(_card(inputs, reading), ", ".join(map(_path, inputs)), reading)
    if len(inputs) > 1:
        what = f"{other} is no datacard, and several inputs are cards that are combined"
        raise HzdslError("options", what, fix="give it alone")
    if reading.physics != SignalStrength() or reading.masks:
        what = f"{other} says itself what multiplies its samples: physics models and masks are for datacards"
        raise HzdslError("options", what, fix="leave them out")
    return _of_histfactory(other, reading) if kinds[other] == "HistFactory" else _of_hs3(other, reading)


@located
def read(
    *inputs: str | os.PathLike[str],
    mass: float | None = None,
    physics: PhysicsModel | None = None,
    words: Mapping[str, str] | None = None,
    masks: bool = False,
    lenient: bool = False,
) -> JointLikelihood:
    """Return the likelihood that a file says: a datacard, several of them, a HistFactory or an HS3 document.

    Parameters
    ----------
    inputs : path, or str
        One file, or cards as ``NAME=CARD``, which are combined.
    mass : float, optional
        What $MASS in names of a card stands for, and the value of MH in workspaces.
    physics : PhysicsModel, optional
        By what the processes of a card are multiplied; else signal by r.
    words : mapping of str to str, optional
        What other words after a $ stand for.
    masks : bool
        Each channel of a card gets a parameter ``mask_CHANNEL`` that switches it off.
    lenient : bool
        Channels of cards may begin with a digit.

    Raises
    ------
    HzdslError
        What is wrong in the files.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.stats.read("no/such/card.txt")
    Traceback (most recent call last):
        ...
    hzdsl.errors.HzdslError: error[file-missing]: ...
    """
    substitutions = Substitutions(mass, dict(words or {}))
    reading = Reading(physics or SignalStrength(), substitutions, masks, lenient)
    return opened([os.fspath(i) for i in inputs], reading).likelihood


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
    if not head.lstrip().startswith(b"{"):
        return "datacard"
    keys = read_json(path).keys()
    if {"channels", "measurements"} <= keys:
        return "HistFactory"
    if "metadata" in keys or "distributions" in keys:
        return "HS3"
    fix = "HistFactory has channels and measurements, HS3 metadata and distributions"
    raise HzdslError("file-format", f"{path} is a document of neither HistFactory nor HS3", fix=fix)


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
    def read(physics: PhysicsModel) -> CardModel:
        return model_of(card, Meaning(physics, reading.substitutions, reading.masks, reading.bins))

    def per_channel(poi: str, names: Mapping[str, str]) -> JointLikelihood:
        return read(PerChannel(reading.physics, poi, names)).likelihood()

    model = read(reading.physics)
    rows = tuple(c for c in model.densities if isinstance(c, UnbinnedChannel))
    return Opened(name, "datacard", model.likelihood(), per_channel, model.templates.channels, rows)


# ---- documents ---------------------------------------------------------------------------------------------------


def _of_histfactory(path: str, reading: Reading) -> Opened:
    choice, patch = reading.choice, reading.patch
    model = histfactory.read(path, choice, patchset=reading.patchset, patch=patch, negative=True)
    return _of_templates(model, path, "HistFactory")


def _of_hs3(path: str, reading: Reading) -> Opened:
    workspace = read_workspace(path)
    likelihood, _ = chosen_likelihood(workspace, reading.choice)
    if not all(isinstance(workspace.data.get(str(name)), Unbinned) for name in likelihood.data):
        return _of_templates(binned_model(workspace, reading.choice, reading.shapesys), path, "HS3")
    return _of_rows(*unbinned_model(workspace, reading.choice), path)


def _of_templates(model: TemplateModel, path: str, kind: Kind) -> Opened:
    def per_channel(poi: str, names: Mapping[str, str]) -> JointLikelihood:
        return TemplateLikelihood(template_per_channel(model, poi, names))

    return Opened(path, kind, TemplateLikelihood(model), per_channel, model.channels)


def _of_rows(model: UnbinnedModel, observation: Observation, path: str) -> Opened:
    def per_channel(poi: str, _: Mapping[str, str]) -> JointLikelihood:
        what = f"{path} holds densities, of which {poi} is not taken apart by channels"
        raise HzdslError("unsupported", what, fix="give each channel its own parameter in the document")

    return Opened(path, "HS3", UnbinnedLikelihood(model, observation), per_channel, unbinned=model.channels)
