"""HS3's JSON documents (HEP Statistics Serialization Standard), as ROOT writes them: read, and written.

Examples
--------
>>> from hzdsl.stats import hs3
>>> hs3.read("workspace.json", "simPdf_obsData")  # doctest: +SKIP
TemplateModel(...)
"""

from hzdsl.stats.hs3.densities import read_densities
from hzdsl.stats.hs3.reading import read, read_workspace
from hzdsl.stats.hs3.writing import write

__all__ = ["read", "read_densities", "read_workspace", "write"]
