"""The thin native path for baskets of the ordinary kind; uproot reads everything else."""

from hzdsl.io.baskets.directory import Baskets, baskets_of
from hzdsl.io.baskets.reader import BasketReader

__all__ = ["BasketReader", "Baskets", "baskets_of"]
