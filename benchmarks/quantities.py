"""`python -m benchmarks.quantities`: what the quantity of a purchase says of a taste, on the Complete Journey.

Its last four weeks are held out, as in `python -m benchmarks.quality`; each way to count quantities stands next to
counting each row once, user by user.
"""

from typing import Final, get_args

import pyarrow as pa

from benchmarks.event_sources import complete_journey
from benchmarks.journey import shop_tables
from benchmarks.quality import Shop
from runtime.errors import Exit
from runtime.process import run
from trainer.building import assembled
from trainer.evaluation.bootstrap import intervals
from trainer.evaluation.gain import ndcg
from trainer.evaluation.hits import Values
from trainer.evaluation.lists import candidate_lists
from trainer.events import Events
from trainer.listing import Asking
from trainer.model_trainer import ModelTrainer
from trainer.reading.queries import EventQuery
from trainer.reading.weighing import quantities, row_weights
from trainer.settings import TrainerSettings
from trainer.signal import user_items_of
from trainer.signal_settings import Quantity

_K: Final = 10
_REPEATS: Final = ("sum", "log", "cap")
_RECIPES: Final = ("cosine", "normalised", "local_ridge")
_COLUMNS: Final = ("recipe", "repeats", "QUANTITY", "ndcg@10", "95 % interval", "less `ignore`", "95 % interval")


def main() -> Exit:
    """Print a row for each recipe, each way to count repeats, and each way to count quantities."""
    shop = Shop.of("Complete Journey", complete_journey(), 28)
    print(f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}")
    for repeats in _REPEATS:
        for recipe in _RECIPES:
            ignoring = _gains(shop, "ignore", repeats, recipe)
            for quantity in get_args(Quantity):
                _print_row((recipe, repeats, quantity), _gains(shop, quantity, repeats, recipe), ignoring)
    return Exit.DONE


def _gains(shop: Shop, quantity: Quantity, repeats: str, recipe: str) -> Values:
    given = {"database_url": "sqlite:///unused.db", "repeats": repeats, "recipe": recipe}
    trainer = ModelTrainer(TrainerSettings.load(**given))
    user_items = user_items_of(_counting(shop.events, quantity), trainer.settings, until=shop.cut.seconds)
    model = assembled(shop.events.products, shop.events.users, user_items, trainer.neighbours(user_items))
    lists = candidate_lists(model, shop.truth.users, Asking(_K, trainer.settings.threads))
    return ndcg(shop.truth.hits(lists.items), shop.truth.sizes)


def _counting(events: Events, quantity: Quantity) -> Events:
    """Give the purchases as extraction does, out of the quantities in their order."""
    if quantity == "ignore":
        return events
    batch = pa.record_batch({"quantity": shop_tables()["order_items"]["quantity"].combine_chunks()})
    query = EventQuery("purchase", "", 1.0, required=True, quantity=quantity)
    return events.with_weight(row_weights(batch, query)).where(quantities(batch, "the purchase query") > 0)


def _print_row(names: tuple[str, ...], gains: Values, ignoring: Values) -> None:
    own, less = intervals(gains[:, None])[0], intervals((gains - ignoring)[:, None])[0]
    told = f"{own.mean:.4f} | {own.low:.4f} to {own.high:.4f} | {less.mean:+.4f} | {less.low:+.4f} to {less.high:+.4f}"
    print(f"| {' | '.join(names)} | {told} |", flush=True)


if __name__ == "__main__":
    run(main)
