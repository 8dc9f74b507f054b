"""What is known of TTrees without asking uproot: kept on disk, and true as long as the file has the same bytes."""

from hzdsl.io.catalogue.kept import catalogue_cache
from hzdsl.io.catalogue.known import KnownTree, find_tree

__all__ = ["KnownTree", "catalogue_cache", "find_tree"]
