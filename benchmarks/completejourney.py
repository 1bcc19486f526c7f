"""`python -m benchmarks.completejourney`: the trainer on 1,469,307 real purchases in MariaDB, next to its peers.

It needs what requirements/bench.txt names. It starts a private MariaDB in a temporary folder, or takes the empty MySQL
or MariaDB database that DB_* or DATABASE_URL name. All other settings are the defaults, whatever the environment says.
"""

import argparse
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy.engine import URL

from benchmarks.extraction_comparison import compare_sides
from benchmarks.journey import PURCHASES, shop_tables
from benchmarks.machine import this_machine
from benchmarks.report import Report, as_json, as_markdown
from benchmarks.shop_database import describe_server, names_database, shop_database
from benchmarks.shop_loader import LoadedShop, drop_shop, load_shop
from benchmarks.training import run_sample_shop, run_shop
from runtime.errors import Exit
from runtime.process import run
from trainer.settings import TrainerSettings


def main() -> Exit:
    """Measure, print the tables, and leave nothing behind."""
    arguments = _parser().parse_args()
    settings = TrainerSettings.load()
    own = names_database(settings)
    with (
        tempfile.TemporaryDirectory(prefix="recommender-benchmark-") as name,
        shop_database(settings) as url,
        ExitStack() as at_end,
    ):
        _say(f"Loading {arguments.rows:,} purchases")
        shop = load_shop(url, shop_tables(arguments.rows), Path(name))
        if own and shop.is_new and not arguments.keep:
            at_end.callback(drop_shop, url)
        _deliver(measure(shop, Path(name), arguments.repeats), arguments.json)
        if arguments.keep and not own:
            _hold(url)
    return Exit.DONE


def measure(shop: LoadedShop, folder: Path, repeats: int, settings: dict[str, str] | None = None) -> Report:
    """Measure all there is on a loaded shop; what the runs write lies in `folder`, `settings` are the whole run's."""
    machine, server = this_machine(), describe_server(shop.url)
    _say("The sample shop")
    sample = run_sample_shop(folder / "sample", 2 * repeats - 1)
    _say(f"Extraction by four sides, {repeats} times in turn")
    extraction = compare_sides(shop.url, folder, repeats)
    _say(f"The whole run, {1 + repeats} times")
    training = run_shop(shop.url, folder / "shop", settings or {}, repeats, sample)
    return Report(machine, server, shop.rows, shop.load_seconds, extraction, training, sample)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.completejourney", description=__doc__)
    parser.add_argument("--rows", type=int, default=PURCHASES, help="take the first so many purchases only")
    parser.add_argument("--repeats", type=int, default=3, help="how often each side reads, of which the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file too")
    keeping = "leave the shop in your database, or the private server running until Ctrl-C"
    parser.add_argument("--keep", action="store_true", help=keeping)
    return parser


def _deliver(report: Report, file: Path | None) -> None:
    print(as_markdown(report), flush=True)
    if file is not None:
        file.write_text(as_json(report) + "\n")


def _hold(url: URL) -> None:
    _say(f"The private server runs until Ctrl-C: DATABASE_URL='{url.render_as_string(hide_password=False)}'")
    signal.pause()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    run(main)
