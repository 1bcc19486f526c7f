"""`python -m benchmarks.extraction`: reading ten million events from MariaDB, by the trainer and by its peers.

It needs what requirements/bench.txt names, starts a private MariaDB whose memory holds the tables, and leaves nothing
behind. Each side reads in a process of its own, and the sides take turns: the best of each counts. It fails where
pandas.read_sql takes less than ten times as long as the trainer.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.extraction_comparison import compare_sides
from benchmarks.extraction_table import extraction_table
from benchmarks.generated_shops import GeneratedShop
from benchmarks.machine import describe_machine, this_machine
from benchmarks.planned_shops import PlannedShop, loaded, shop_server
from benchmarks.shop_database import describe_server
from runtime.errors import Exit
from runtime.process import run

_EVENTS: Final = 10_000_000
_EVENTS_OF_A_USER: Final = 50
_PRODUCTS: Final = 20_000
_WANTED_RATIO: Final = 10


def main() -> Exit:
    """Measure, print the table, and say whether the trainer is fast enough."""
    arguments = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="recommender-extraction-") as name, shop_server() as server:
        sys.stderr.write(f"Loading {arguments.events:,} events\n")
        with loaded(_shop(arguments.events), server, Path(name)) as url:
            print(f"{describe_machine(this_machine(), describe_server(url).version)}\n", flush=True)
            comparison = compare_sides(url, Path(name), arguments.repeats)
    print(extraction_table(comparison, _WANTED_RATIO))
    return Exit.DONE if comparison.ratio >= _WANTED_RATIO else Exit.FAILED


def _shop(n_events: int) -> PlannedShop:
    """Give a shop of three purchases to seven views; a few purchases less, as an order has a product once."""
    n_purchases = n_events * 3 // 10
    users = max(1, n_events // _EVENTS_OF_A_USER)
    return PlannedShop("extraction", GeneratedShop(users, _PRODUCTS, n_purchases, n_events - n_purchases))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=__doc__)
    parser.add_argument("--events", type=int, default=_EVENTS, help="about how many events the shop has")
    parser.add_argument("--repeats", type=int, default=3, help="how often each side reads, of which the best counts")
    return parser


if __name__ == "__main__":
    run(main)
