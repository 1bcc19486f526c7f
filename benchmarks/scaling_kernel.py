"""What the kernel takes of a pass, measured alone, in this process and on one thread: laying out, listing, adding up.

In whole runs all of these grow together, so that a fit could not tell one from another.
"""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final

import numpy as np
import scipy.sparse as sp

from benchmarks.generated_shops import GeneratedShop, generated_tables
from benchmarks.scaling_fit import Equation
from trainer.arrays.scratch import IN_MEMORY
from trainer.kernel.best import Best
from trainer.kernel.pairs import Desk
from trainer.similarity.layout import Block, Ranking, Workers, csr_of
from trainer.similarity.pairing import compare
from trainer.similarity.recipes import COSINE

_SHOP: Final = GeneratedShop(100_000, 17_000, 0, 3_000_000)
_BLOCKS: Final = 16
_MIN_CO_OCCURRENCE: Final = 5
_KEPT: Final = 100


def matrix_of(shop: GeneratedShop) -> sp.csr_matrix:
    """Give user_items of a shop's views, CSR float32 (n_users, n_items)."""
    views = generated_tables(shop)["product_views"]
    users, products = (views[name].to_numpy() - 1 for name in ("user_id", "product_id"))
    matrix = sp.csr_matrix((np.ones(len(users), np.float32), (users, products)), (shop.users, shop.products))
    matrix.sum_duplicates()
    return matrix


def kernel_equations() -> list[Equation]:
    """Measure a pass over some blocks; each of its three works makes an equation. The first time does not count."""
    csr = csr_of(matrix_of(_SHOP))
    with ThreadPoolExecutor(1) as pool:
        workers = Workers.for_users_of(csr[0], pool, 1)
        ranking = Ranking.of(csr, _SHOP.products, _MIN_CO_OCCURRENCE, workers)
        spans = ranking.cut(-(-len(csr[1]) // _BLOCKS))
        _measured([Block.of(csr, ranking, span, workers, IN_MEMORY) for span in spans[:2]], ranking, workers)
        began = perf_counter()
        Block.of(csr, ranking, (0, len(ranking.items)), workers, IN_MEMORY)
        laying_out = perf_counter() - began
        blocks = [Block.of(csr, ranking, span, workers, IN_MEMORY) for span in spans]
        return [Equation({"scan": len(csr[1])}, laying_out), *_measured(blocks, ranking, workers)]


def _measured(blocks: list[Block], ranking: Ranking, workers: Workers) -> list[Equation]:
    rule = COSINE.rule(ranking, _MIN_CO_OCCURRENCE)
    best = Best.none_yet(len(ranking.items), _KEPT)
    desk = [Desk.of(max(block.n_items for block in blocks))]
    listed = added = 0
    listing = adding = 0.0
    for number, block in enumerate(blocks):
        for before in blocks[: number + 1]:
            began = perf_counter()
            lists = block.lists_against(before, workers)
            between = perf_counter()
            compare(lists, rule, best, desk, workers, lambda _done: None)
            listing, adding = listing + between - began, adding + perf_counter() - between
            listed, added = listed + len(lists.postings), added + int(lists.additions.sum())
    return [Equation({"list": listed}, listing), Equation({"add": added}, adding)]
