"""An HS3 document: as records, and as a binned model where its distributions are HistFactory's."""

from __future__ import annotations

import os
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.stats.documents import meant, read_document
from hzdsl.stats.hs3.channels import Errors, channel_of
from hzdsl.stats.hs3.decoding import decode
from hzdsl.stats.hs3.met import Met
from hzdsl.stats.hs3.records import Binned, HistFactory, Likelihood, Operand, Workspace
from hzdsl.stats.hs3.settings import Settings, chosen_likelihood
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.templates.model import TemplateModel


def read_workspace(path: str | os.PathLike[str]) -> Workspace:
    """Return all of an HS3 document as records: distributions, functions, domains, points, data, likelihoods, analyses.

    Parameters
    ----------
    path : str
        The document, compressed with gzip or not; of version 0.2 of the standard, or as ROOT 6.32 to 6.40 write it.

    Raises
    ------
    HzdslError
        ``spec-format`` where it is no HS3 document; ``spec-key``, ``spec-value``, ``name-twice`` and, for types of
        distributions and functions that are not known, ``unsupported``, with the place.

    Examples
    --------
    >>> import json, tempfile
    >>> document = {"metadata": {"hs3_version": "0.2"}, "distributions": [
    ...     {"name": "g", "type": "gaussian_dist", "x": "m", "mean": "mean", "sigma": 1.5}]}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     _ = file.write(json.dumps(document)), file.flush()
    ...     read_workspace(file.name).distributions["g"]
    Gaussian(name='g', x='m', mean='mean', sigma=1.5)
    """
    return decode(read_document(path))


def read(path: str | os.PathLike[str], analysis: str | None = None, *, shapesys: Errors | None = None) -> TemplateModel:
    """Return the binned model of an analysis of an HS3 document.

    Parameters
    ----------
    path : str
        The document, as for `read_workspace`.
    analysis : str, optional
        Which of its analyses (or likelihoods, which have no parameters of interest); needed where it has several.
    shapesys : {"relative", "absolute"}, optional
        What the numbers of a shapesys are, which the standard leaves open; needed for documents that neither ROOT nor
        hzdsl wrote.

    Returns
    -------
    TemplateModel
        Parameters are in the order in which channels meet them; channels lose the ``model_`` before their names.
        Contents that variations make negative are 0, as in ROOT. Normal laws are whole: RooFit cuts them to the range
        of what was measured (``nominalLumi`` from 0 to 1.2, for example), and normalises them there.

    Raises
    ------
    HzdslError
        What `read_workspace` raises; ``unsupported`` for distributions other than HistFactory's, ``options`` where an
        analysis has to be chosen, ``meaning-differs`` where `shapesys` has to be said, ``name-unknown``.
    """
    return model_of(read_workspace(path), analysis, shapesys)


def model_of(workspace: Workspace, analysis: str | None = None, shapesys: Errors | None = None) -> TemplateModel:
    """Return the binned model of an analysis of a document that was read."""
    likelihood, chosen = chosen_likelihood(workspace, analysis)
    if shapesys is None and {"ROOT", "hzdsl"} & {*workspace.writers}:
        shapesys = "relative"
    met = Met(Settings(workspace, chosen))
    pairs = zip(likelihood.distributions, likelihood.data, strict=True)
    channels = tuple(
        channel_of(_distribution(workspace, d, likelihood), _data(workspace, x, likelihood), met, shapesys)
        for d, x in pairs
    )
    for constraint in likelihood.constraints:
        parameter = met.settings.constrained_by(constraint, workspace.at)
        met.constrain(parameter, met.settings.constraint(constraint, parameter, workspace.at), workspace.at)
    interest = chosen.interest if chosen else ()
    for poi in interest:
        if poi not in met.parameters:
            what = f"{workspace.at.source.name}: '{poi}' is of interest, and changes no channel"
            raise HzdslError("name-unknown", what, fix=meant(poi, met.parameters))
    return TemplateModel(channels, Parameters(replace(p, interest=p.name in interest) for p in met.parameters.values()))


def _distribution(workspace: Workspace, name: str, likelihood: Likelihood) -> HistFactory:
    found = workspace.distributions.get(name)
    file = workspace.at.source.name
    if found is None:
        what = f"{file}: the likelihood '{likelihood.name}' names no distribution '{name}'"
        raise HzdslError("name-unknown", what, fix=meant(name, workspace.distributions))
    if not isinstance(found, HistFactory):
        what = f"{file}: '{name}' of the likelihood '{likelihood.name}' is a {type(found).__name__}, not templates"
        raise HzdslError("unsupported", what, fix="densities of rows are read by read_densities")
    return found


def _data(workspace: Workspace, name: Operand, likelihood: Likelihood) -> Binned:
    found = workspace.data.get(str(name))
    file = workspace.at.source.name
    if found is None:
        what = f"{file}: the likelihood '{likelihood.name}' names no data '{name}'"
        raise HzdslError("name-unknown", what, fix=meant(str(name), workspace.data))
    if not isinstance(found, Binned):
        what = f"{file}: the data '{name}' are not binned, and templates are"
        raise HzdslError("unsupported", what, fix="give data of the type binned")
    return found
