"""`python -m benchmarks.beyond_32_bits`: more interactions than 32 bits count, from events to an answer out of a model.

A generated shop (benchmarks.huge_shop) whose arrays are on disk: its matrix, each product's nearest by cosine, the
model's file as publishing writes it, and what the API reads of it. What comes out is held against what was generated.
Ends with 1 where that differs. What it writes is gone at the end, however that comes.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from api.served_model import warm_up
from benchmarks.huge_shop import AISLES, FAMILIES, N_PRODUCTS, HugeShop
from benchmarks.machine import this_machine
from benchmarks.markdown import table
from benchmarks.watched_steps import Step, WatchedSteps
from model.answers import Source, recommend
from model.codec import read_model, write_model
from model.histories import Histories
from model.model import Model
from model.neighbours import Neighbours
from runtime.arguments import ArgumentParser
from runtime.errors import Exit, TryAgainError
from runtime.process import run
from trainer.arrays.counts import counts_of
from trainer.arrays.scratch import OnDisk, Scratch
from trainer.building import assembled
from trainer.matrix import build_user_items
from trainer.planning.limits import MemoryLimit
from trainer.planning.spilling import work_bytes
from trainer.similarity.layout import Workers
from trainer.similarity.neighbours import neighbours_by
from trainer.similarity.passes import Passes, lay_out_here
from trainer.similarity.recipes import COSINE, Limits

if TYPE_CHECKING:
    import scipy.sparse as sp

_USERS: Final = 71_600_000
_BEYOND: Final = 2**31
_THREADS: Final = 2
_K: Final = 10
# Of a small shop: so many users hardly have two products in common by chance.
_BEYOND_CHANCE: Final = 6
# Two columns of four bytes are there twice at a time: events and matrix, matrix and lists, matrix and model's file.
_BYTES_AN_EVENT: Final = 16
_BYTES_A_USER: Final = 24
_HEADER: Final = ("step", "seconds", "own memory at most, GB", "of mapped files, GB", "disk, GB")


def main() -> Exit:
    """Do all steps, print what they took, and what is wrong."""
    arguments = _parser().parse_args()
    shop, machine = HugeShop(arguments.users), this_machine()
    _check_room(shop, arguments.folder)
    print(
        f"{shop.n_events:,} interactions (2^31 {shop.n_events - _BEYOND:+,}) of {shop.n_users:,} users and "
        f"{N_PRODUCTS:,} products; {machine.cores} cores of {machine.cpu}, {machine.memory_bytes / 1e9:.1f} GB, "
        f"load {machine.load:.1f}\n"
    )
    steps = WatchedSteps(arguments.folder)
    wrong = list(_found_wrong(shop, steps, arguments))
    print(table(_HEADER, (_row(step) for step in steps.done)))
    print("\n" + ("\n".join(wrong) or "All that was asked of the model is as it was generated."))
    return Exit.FAILED if wrong else Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks.beyond_32_bits", description=__doc__)
    parser.add_argument("--users", type=int, default=_USERS, help=f"users of {AISLES} products each ({_USERS:,})")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to be written to")
    parser.add_argument(
        "--neighbours-of", type=int, default=10_000, help=f"so many products, the most popular ({N_PRODUCTS:,}: all)"
    )
    return parser


def _check_room(shop: HugeShop, folder: Path) -> None:
    """Raise TryAgainError where the disk has not room enough."""
    wanted, free = _BYTES_AN_EVENT * shop.n_events + _BYTES_A_USER * shop.n_users, shutil.disk_usage(folder).free
    if free < wanted:
        raise TryAgainError(
            f"{shop.n_events:,} interactions need {wanted / 1e9:.1f} GB on the disk of {folder}, and "
            f"{free / 1e9:.1f} GB are free",
            hint="Give another --folder, or fewer --users",
        )


def _found_wrong(shop: HugeShop, steps: WatchedSteps, arguments: argparse.Namespace) -> Iterator[str]:
    """Do all steps; give what is not as it should be, in words."""
    memory_bytes = this_machine().memory_bytes
    scratch = OnDisk(arguments.folder, work_bytes(MemoryLimit(memory_bytes, "the machine")))
    user_items = _matrix(shop, scratch, steps)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "model.safetensors"
        with steps.step("neighbours"):
            neighbours = _nearest(user_items, shop, arguments.neighbours_of, scratch)
        with steps.step("model"):
            model = assembled(shop.products, shop.users, user_items, neighbours)
        del user_items
        with steps.step("write the model's file"):
            write_model(model, path)
        del model
        with steps.step("read and check it"):
            read = read_model(path)
        with steps.step("warm it up, as the API does"):
            warm_up(read)
        with steps.step("ask it"):
            wrong = [*_wrong_histories(shop, read), *_wrong_neighbours(read), *_wrong_answers(shop, read)]
    yield from wrong


def _matrix(shop: HugeShop, scratch: OnDisk, steps: WatchedSteps) -> "sp.csr_matrix":
    """Give the matrix of all events, which are gone then."""
    with steps.step("events"):
        events = shop.events(scratch)
    with steps.step("matrix"):
        return build_user_items(events, threads=_THREADS)


def _nearest(user_items: "sp.csr_matrix", shop: HugeShop, n_products: int, scratch: OnDisk) -> Neighbours:
    """Find the neighbours of the most popular products among themselves: all of the matrix is read for it."""
    n_users = np.sort(counts_of(user_items.indices, N_PRODUCTS))

    def lay_out(
        user_items: "sp.csr_matrix", min_users: int, workers: Workers, scratch: Scratch
    ) -> AbstractContextManager[Passes]:
        least = max(min_users, int(n_users[-min(n_products, N_PRODUCTS)]))
        return lay_out_here(user_items, least, workers, scratch)

    limits = Limits(max(_BEYOND_CHANCE, shop.users_of_pairs // 2), _K)
    return neighbours_by(COSINE, user_items, limits, threads=_THREADS, scratch=scratch, lay_out=lay_out)


def _wrong_histories(shop: HugeShop, model: Model) -> Iterator[str]:
    """Ask for the first and last users, some between, and those about the interaction that 32 bits do not count."""
    if model.histories.n_interactions != shop.n_events:
        yield f"there are {model.histories.n_interactions:,} interactions of {shop.n_events:,}"
    border = min(_BEYOND // AISLES, shop.n_users - 2)
    for user in (0, shop.n_users // 3, shop.n_users // 2, border - 1, border, border + 1, shop.n_users - 1):
        idx = model.users.find(str(user))
        items, weights = model.histories.of(-1 if idx is None else idx)
        if idx is None or not np.array_equal(items, shop.products_of(user)) or np.any(weights != 1):
            yield f"user {user} has {items.tolist()}, and not {shop.products_of(user).tolist()}"


def _wrong_neighbours(model: Model) -> Iterator[str]:
    """All neighbours are to be of their product's own family, and there are to be some."""
    neighbours = model.neighbours
    owners = np.repeat(np.arange(N_PRODUCTS), np.diff(neighbours.indptr))
    n_strange = np.count_nonzero(owners % FAMILIES != neighbours.indices % FAMILIES)
    print(f"{neighbours.n_pairs:,} neighbours of {N_PRODUCTS:,} products\n")
    if n_strange or not neighbours.n_pairs:
        yield f"{n_strange:,} of {neighbours.n_pairs:,} neighbours are of another family"


def _wrong_answers(shop: HugeShop, model: Model) -> Iterator[str]:
    """The last user's list is to be the one of what they were given."""
    last = shop.n_users - 1
    generated = Histories.one(shop.products_of(last), np.ones(AISLES, np.float32))
    found, expected = recommend(model, model.histories.alone(last), _K), recommend(model, generated, _K)
    if found != expected or not any(answer.source == Source.PERSONAL for answer in found.answers):
        yield f"user {last} is answered {found}, and not {expected}"


def _row(step: Step) -> tuple[str, ...]:
    sizes = (step.own_peak_bytes, step.mapped_peak_bytes, step.disk_peak_bytes)
    return (step.name, f"{step.seconds:.1f}", *(f"{size / 1e9:.1f}" for size in sizes))


if __name__ == "__main__":
    run(main)
