"""Small systems of equations, one a candidate: filled on the pass over all pairs, and solved each by itself.

The members of a system are items by rising rank, so that what an item has in common with those before it is one row of
the lower triangle: it is read out of the item's sums as they are added up, and no table of all pairs is ever made.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trainer.kernel.best import Best, leave_best
from trainer.kernel.keys import key_of
from trainer.kernel.pairs import Lists, accumulate, clear

Floats = NDArray[np.float32]
# Below this share of its diagonal's cell a pivot is nothing but rounding.
_LEAST_PIVOT = np.float32(1e-6)
# Sums of float32 may be added up in any order, so that several are added at a time.
_ANY_ORDER = {"reassoc", "contract"}


class Systems(NamedTuple):
    """The systems of some candidates, of at most m members each.

    `members` int32 (n, m) are ranks, rising, of which `sizes` int64 (n,) count; `cells` float32 hold the rows of each
    lower triangle one behind the other, its diagonal last, from `starts` int64 (n + 1,) on; `sides` float32 (n, m) hold
    the right-hand sides, and the solutions once they are found.
    """

    members: NDArray[np.int32]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    cells: Floats
    sides: Floats


class Places(NamedTuple):
    """In which systems each item stands, and where: those of rank r lie between indptr[r] and indptr[r + 1].

    `indptr` int64 (n_ranks + 1,); `systems` and `members` int32 (n,) are numbers of systems and places in them.
    """

    indptr: NDArray[np.int64]
    systems: NDArray[np.int32]
    members: NDArray[np.int32]


@njit(cache=True, nogil=True, error_model="numpy")
def _row(place: int) -> int:
    """Give where a row of a lower triangle begins."""
    return place * (place + 1) // 2


@njit(cache=True, nogil=True, error_model="numpy")
def fill(
    lists: Lists, ranks: tuple[int, int], unit: float, places: Places, systems: Systems, sums: NDArray[np.float64]
) -> None:
    """Write what the items from ranks[0] up to ranks[1] have in common with members before them, in units of `unit`.

    `sums` float64 (n_before, 2) are 0, and are so again.
    """
    first_before = lists.before[0]
    for rank in range(ranks[0], ranks[1]):
        if places.indptr[rank] == places.indptr[rank + 1]:
            continue
        own, last_before = rank - lists.ranks[0], min(rank, lists.before[1])
        accumulate(lists, own, sums)
        for p in range(places.indptr[rank], places.indptr[rank + 1]):
            system, place = places.systems[p], int(places.members[p])
            row, members = systems.starts[system] + _row(place), systems.members[system, :place]
            for other in range(np.searchsorted(members, first_before), np.searchsorted(members, last_before)):
                systems.cells[row + other] = sums[members[other] - first_before, 1] / unit
        clear(lists, own, last_before - first_before, sums)


@njit(cache=True, nogil=True, error_model="numpy")
def fill_diagonals(systems: Systems, diagonal: Floats) -> None:
    """Write the diagonals, `diagonal` float32 (n_ranks,)."""
    for system in range(len(systems.sizes)):
        for place in range(systems.sizes[system]):
            cell = systems.starts[system] + _row(place) + place
            systems.cells[cell] = diagonal[systems.members[system, place]]


@njit(cache=True, nogil=True, error_model="numpy")
def solve(systems: Systems, first: int, last: int) -> None:
    """Solve the systems from `first` up to `last`, in place of what is given: by Cholesky's decomposition, L Lᵀ x = b.

    A system that is not positive definite within what float32 tells has the solution 0.
    """
    for system in range(first, last):
        n, side = systems.sizes[system], systems.sides[system]
        triangle = systems.cells[systems.starts[system] : systems.starts[system + 1]]
        if not (_decompose(triangle, n) and _substitute(triangle, n, side)):
            side[:n] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def keep_solutions(
    systems: Systems, candidates: NDArray[np.int64], shrinkage: NDArray[np.float64], best: Best, part: int, n_parts: int
) -> None:
    """Take what the systems say above 0 among the best of their members, of every n_parts-th rank from `part` on.

    `candidates` int64 (n,) are the systems' items; a solution counts `shrinkage` float64 (n_ranks,) times.
    """
    keys, counts, floors = best.keys, best.counts, best.floors
    for system in range(len(systems.sizes)):
        for place in range(systems.sizes[system]):
            rank = systems.members[system, place]
            score = np.float32(systems.sides[system, place] * shrinkage[rank])
            if rank % n_parts == part and score > 0 and score >= floors[rank]:
                keys[rank, counts[rank]] = key_of(score, candidates[system])
                counts[rank] += 1
                if counts[rank] == keys.shape[1]:
                    counts[rank], floors[rank] = leave_best(keys, rank, best.k)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_ANY_ORDER)
def _product(triangle: Floats, row: int, other: int, n: int) -> np.float32:
    """Give the product of the first n cells of two rows."""
    cells, others, total = triangle[row : row + n], triangle[other : other + n], np.float32(0)
    for column in range(n):
        total += cells[column] * others[column]
    return total


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_ANY_ORDER)
def _four_products(
    triangle: Floats, place: int, other: int, n: int
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Give the products of four rows from `place` on with another: each cell of the other is read once for all four."""
    others = triangle[other : other + n]
    first, second = triangle[_row(place) :][:n], triangle[_row(place + 1) :][:n]
    third, fourth = triangle[_row(place + 2) :][:n], triangle[_row(place + 3) :][:n]
    a, b, c, d = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    for column in range(n):
        cell = others[column]
        a += first[column] * cell
        b += second[column] * cell
        c += third[column] * cell
        d += fourth[column] * cell
    return a, b, c, d


@njit(cache=True, nogil=True, error_model="numpy")
def _decompose(triangle: Floats, n: int) -> bool:
    """Replace a matrix by L, row by row; give whether that could be done. The diagonal of L is held as 1 / L_pp."""
    for place in range(n):
        first = place - place % 4
        if place == first and place + 4 <= n:
            _four_rows(triangle, place)
        if not _finish_row(triangle, place, first if first + 4 <= n else 0):
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _four_rows(triangle: Floats, place: int) -> None:
    """Do the cells of four rows that stand before all four."""
    rows = (_row(place), _row(place + 1), _row(place + 2), _row(place + 3))
    for other in range(place):
        row = _row(other)
        a, b, c, d = _four_products(triangle, place, row, other)
        inverse = triangle[row + other]
        triangle[rows[0] + other] = (triangle[rows[0] + other] - a) * inverse
        triangle[rows[1] + other] = (triangle[rows[1] + other] - b) * inverse
        triangle[rows[2] + other] = (triangle[rows[2] + other] - c) * inverse
        triangle[rows[3] + other] = (triangle[rows[3] + other] - d) * inverse


@njit(cache=True, nogil=True, error_model="numpy")
def _finish_row(triangle: Floats, place: int, first: int) -> bool:
    """Do the cells of a row from `first` on, and its diagonal; give whether there is a root to be taken."""
    row = _row(place)
    for other in range(first, place):
        other_row = _row(other)
        left = triangle[row + other] - _product(triangle, row, other_row, other)
        triangle[row + other] = left * triangle[other_row + other]
    square = triangle[row + place] - _product(triangle, row, row, place)
    if not (square > _LEAST_PIVOT * triangle[row + place] and np.isfinite(square)):
        return False
    triangle[row + place] = np.float32(1) / np.sqrt(square)
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _substitute(triangle: Floats, n: int, side: Floats) -> bool:
    """Replace b by x, forwards through L and backwards through its transpose; give whether all of it is finite."""
    for place in range(n):
        row = _row(place)
        total = side[place]
        for other in range(place):
            total -= triangle[row + other] * side[other]
        side[place] = total * triangle[row + place]
    is_finite = True
    for place in range(n - 1, -1, -1):
        row = _row(place)
        side[place] *= triangle[row + place]
        is_finite &= np.isfinite(side[place])
        for other in range(place):
            side[other] -= triangle[row + other] * side[place]
    return is_finite
