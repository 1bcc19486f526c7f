"""A trial once more, user by user and with sets: slow, and written from the definitions alone."""

import math
from collections import defaultdict
from dataclasses import dataclass

from model.model import Model
from tests.model import brute_force
from tests.trainer.evaluation.shops import day
from trainer.events import Events

METRICS = ("recall", "precision", "ndcg", "hit_rate")


@dataclass(frozen=True)
class Asked:
    """The users that count, what they took up, and by side what each was shown; ids are the shop's own."""

    truth: dict[str, set[str]]
    shown: dict[str, dict[str, list[str]]]

    def mean(self, side: str, metric: str, k: int) -> float:
        values = [metrics(self.truth[user], self.shown[side][user], k)[metric] for user in self.truth]
        return sum(values) / len(values)

    def coverage(self, side: str, n_products: int) -> float:
        return len({product for shown in self.shown[side].values() for product in shown}) / n_products


def ask(events: Events, cut: float, k: int, candidate: Model, champion: Model | None) -> Asked:
    """Ask each side what it would have recommended at a cut, a day, to users of some choice.

    Where the candidate's lists may hold what users had, all that they took up counts.
    """
    all_count = candidate.histories.again is not None
    before, after = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for user, item, when in zip(events.user_idx, events.item_idx, events.occurred_at, strict=True):
        known = before if when <= day(cut).timestamp() else after
        known[events.users.at(user)].add(events.products.at(item))
    truth = {}
    for user, products in after.items():
        is_known = user in before or (champion is not None and champion.users.find(user) is not None)
        new = products - before[user] - (history(champion, user) if champion else set())
        if is_known and all_count and len(events.products) >= 2 * k:
            truth[user] = products
        elif is_known and new and len(events.products) - len(before[user]) >= 2 * k:
            truth[user] = new
    shown = {
        "candidate": {user: personal(candidate, user, k) for user in truth},
        "popularity": {user: popular(candidate, user, k) for user in truth},
    }
    if champion is not None:
        shown["champion"] = {user: personal(champion, user, k) for user in truth}
    return Asked(truth, shown)


def metrics(truth: set[str], shown: list[str], k: int) -> dict[str, float]:
    places = [place for place, product in enumerate(shown, start=1) if product in truth]
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(len(truth), k) + 1))
    gain = sum(1 / math.log2(place + 1) for place in places)
    return {
        "recall": len(places) / len(truth),
        "precision": len(places) / k,
        "ndcg": gain / ideal,
        "hit_rate": float(bool(places)),
    }


def history(model: Model, user: str) -> set[str]:
    idx = model.users.find(user)
    return set() if idx is None else {model.products.at(item) for item in model.histories.of(idx)[0]}


def personal(model: Model, user: str, k: int) -> list[str]:
    idx = model.users.find(user)
    items, weights = ([], []) if idx is None else [column.tolist() for column in model.histories.of(idx)]
    may_come_again = model.histories.again is not None
    own = None if idx is None else model.histories.alone(idx).again
    again = [] if own is None else own.tolist()
    listed = brute_force.recommend(model, items, weights, k, again if may_come_again else None)
    return [model.products.at(answer.item_idx) for answer in listed.answers if may_come_again or not answer.seen]


def popular(model: Model, user: str, k: int) -> list[str]:
    everything = brute_force.popular(model, len(model.products)).answers
    known = history(model, user) if model.histories.again is None else set()
    return [product for product in (model.products.at(one.item_idx) for one in everything) if product not in known][:k]
