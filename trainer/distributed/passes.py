"""Passes over all pairs that workers make."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer.arrays.scratch import Scratch
from trainer.distributed.blocks import Blocks, cut, stage_block
from trainer.distributed.mapped import columns_of
from trainer.distributed.meeting import Found, PairPass, meet, meet_itself, merge
from trainer.distributed.solving import SystemsPass, solve_some, stage_systems
from trainer.distributed.team import Team
from trainer.kernel.best import Best
from trainer.kernel.pairs import Rule
from trainer.progress import progress
from trainer.similarity.layout import Block, Ranking, Workers, csr_of
from trainer.similarity.pairing import settled
from trainer.similarity.passes import SYSTEMS_BYTES, Passes, lay_out_here
from trainer.similarity.ridge import Regression, keep, spans_of_systems, systems_of, unit_of

if TYPE_CHECKING:
    import scipy.sparse as sp
    from distributed import Future

# Of so few pairs of a user's items, this process has made a pass before workers have their blocks.
LEAST_PAIRS: Final = 300_000_000


@dataclass(frozen=True)
class PassesByWorkers:
    """Passes over blocks that are staged; `threads` are this process's own."""

    team: Team
    ranking: Ranking
    blocks: Blocks
    threads: Workers

    def best_of_pairs(self, rule: Rule, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by a score of pairs."""
        best = Best.none_yet(len(rule.items), min(k, len(rule.items)))
        work = PairPass(
            self.team.new_name("pairs"), self.blocks, rule.min_co_occurrence, rule.form, rule.n_users, best.k
        )
        self.team.stage(partial(self._stage_rule, work, rule), range(len(self.blocks)))
        merged = self._hand_out(work)
        with progress("Similarities", len(merged)) as advance:
            for future, found in self.team.results(merged):
                found.put_into(best, slice(*self.blocks.spans[merged[future]]))
                advance(1)
        self.team.shelf.drop(work.names())
        return best

    def best_of_solutions(self, near: Best, regression: Regression, k: int) -> Best:
        """Give the keys of each item's best k, by rank, by systems of what is near to each candidate."""
        best = Best.none_yet(len(self.ranking.items), min(k, len(self.ranking.items)))
        if not best.k:
            return best  # systems of no item have no form that Arrow knows
        work = SystemsPass(self.team.new_name("ridge"), self.blocks, unit_of(self.ranking))
        self.team.shelf.write(work.diagonal, columns_of(diagonal=regression.diagonal(self.ranking)))
        spans = dict(enumerate(spans_of_systems(near, SYSTEMS_BYTES)))
        for number, span in spans.items():
            stage_systems(self.team.shelf, work.systems(number), systems_of(span, near, regression, self.ranking))
        tasks = {self.team.hand_out(solve_some, f"{work.name}-solve-{n}", work, n): n for n in spans}
        with progress("Systems", len(tasks)) as advance:
            for future, sides in self.team.results(tasks):
                span = spans[tasks[future]]
                systems = systems_of(span, near, regression, self.ranking)._replace(sides=sides)
                keep(systems, span, regression, self.ranking, best, self.threads)
                advance(1)
        self.team.shelf.drop([work.diagonal, *map(work.systems, spans)])
        return settled(best, self.threads)

    def _stage_rule(self, work: PairPass, rule: Rule, number: int) -> None:
        items = slice(*self.blocks.spans[number])
        self.team.shelf.write(work.rule(number), columns_of(own=rule.own[items], other=rule.other[items]))

    def _hand_out(self, work: PairPass) -> "dict[Future[Found], int]":
        """Let each block meet itself, then all blocks one another; give the merging of each block."""
        team, numbers = self.team, range(len(self.blocks))
        own = [team.hand_out(meet_itself, f"{work.name}-meet-{n}-{n}", work, n) for n in numbers]
        met: list[list[Future[None]]] = [[] for _ in numbers]
        for n in numbers:
            for among in range(n):
                both = team.hand_out(meet, f"{work.name}-meet-{n}-{among}", work, n, among, own[n], own[among])
                met[n].append(both)
                met[among].append(both)
        return {team.hand_out(merge, f"{work.name}-merge-{n}", work, n, own[n], met[n]): n for n in numbers}


@dataclass(frozen=True)
class LayOutForWorkers:
    """Lays a matrix out in blocks, and stages them; a small one is laid out for this process's own threads."""

    team: Team
    least_pairs: int = LEAST_PAIRS

    @contextmanager
    def __call__(
        self, user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch
    ) -> Iterator[Passes]:
        """Lay out the items of min_users users at least."""
        if _pairs(user_items) < self.least_pairs:
            with lay_out_here(user_items, min_users, workers, scratch) as here:
                del user_items
                yield here
            return
        passes = self._staged(user_items, min_users, workers, scratch)
        del user_items
        yield passes
        self.team.shelf.drop(passes.blocks.names())

    def _staged(
        self, user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch
    ) -> PassesByWorkers:
        """Lay out all items as one block, and stage it in parts, one after the other."""
        csr = csr_of(user_items)
        ranking = Ranking.of(csr, user_items.shape[1], min_users, workers)
        spans = cut(ranking, self.team.worker_bytes, self.team.n_workers)
        blocks = Blocks(self.team.new_name("blocks"), spans)
        whole = Block.of(csr, ranking, (0, len(ranking.items)), workers, scratch)
        del user_items, csr
        for number, block in enumerate(whole.cut(spans, workers, scratch)):
            stage_block(self.team.shelf, blocks, number, block, ranking)
        return PassesByWorkers(self.team, ranking, blocks, workers)


def _pairs(user_items: "sp.csr_matrix") -> int:
    """Give the number of a user's pairs of items, of all users."""
    lengths = np.diff(user_items.indptr).astype(np.int64)
    return int((lengths * (lengths - 1) // 2).sum())
