"""Which products with vectors a matrix of second derivatives is found by, and where their elements belong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hzdsl.records import dataclass

Integers = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Together:
    """Columns of a matrix of second derivatives that one product finds, as they have no rows in common.

    The product's element ``rows[i]`` is the matrix's element (``rows[i]``, ``columns[i]``); others are of no use.
    """

    members: Integers
    rows: Integers
    columns: Integers


class Products:
    """A product for each group of columns, and where in the symmetric matrix their elements are.

    Parameters
    ----------
    groups : sequence of Together
        Each column of the matrix is in one of them.
    """

    def __init__(self, groups: Sequence[Together]) -> None:
        #: The columns of each product.
        self.members = tuple(g.members for g in groups)
        lengths = [len(g.rows) for g in groups]
        self._which = np.repeat(np.arange(len(groups)), lengths)
        self._rows, columns = (
            np.concatenate([np.zeros(0, np.int64), *places])
            for places in ([g.rows for g in groups], [g.columns for g in groups])
        )
        self._below, self._beside = np.maximum(self._rows, columns), np.minimum(self._rows, columns)

    def matrix(self, products: Matrix) -> Matrix:
        """Return the matrix of the products, a row each; an element that several have is one of them."""
        n = products.shape[1]
        found: Matrix = np.zeros((n, n))
        found[self._below, self._beside] = products[self._which, self._rows]
        found[self._beside, self._below] = found[self._below, self._beside]
        return found


def one_by_one(n: int) -> Products:
    """Return a product for each column, which finds what those before it have not."""
    return Products([Together(np.array([k]), np.arange(k, n), np.full(n - k, k)) for k in range(n)])
