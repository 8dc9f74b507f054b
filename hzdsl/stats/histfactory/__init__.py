"""HistFactory's JSON documents (pyhf's schema 1.0.0): read into binned models, and written from them.

Examples
--------
>>> from hzdsl.stats import histfactory
>>> histfactory.read("workspace.json", measurement="GaussExample")  # doctest: +SKIP
TemplateModel(...)
"""

from hzdsl.stats.histfactory.reading import read
from hzdsl.stats.histfactory.writing import write

__all__ = ["read", "write"]
