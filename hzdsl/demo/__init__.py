"""The embedded default: generated events that look like the CMS 2012 Open Data of df103.

`generate_demo()` writes eight files, named and structured as their originals, into a cache folder. They stand
in for simulation and data where CERN's files cannot be shipped; nothing in them was measured.
"""

from hzdsl.demo.cache import DEFAULT_SEED, DemoFile, cache_folder, generate_demo
from hzdsl.demo.samples import LUMINOSITY, SAMPLES, SampleSpec

__all__ = ["DEFAULT_SEED", "LUMINOSITY", "SAMPLES", "DemoFile", "SampleSpec", "cache_folder", "generate_demo"]
