"""What users come back for, next to a count by hand, and what lists become by it."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from model.answers import recommend
from model.many_lists import recommended_items
from model.model import Model
from tests.trainer.evaluation.shops import WEIGHTS, Row, a_shop, day, events_of, model_until, some_settings
from trainer.buy_again import affinity_of, buy_again_only, with_again
from trainer.evaluation import rival
from trainer.evaluation.cut import Cut, CutBy
from trainer.events import Events
from trainer.model_trainer import ModelTrainer

KINDS = ("purchase", "view")


def rows_of(events: Events) -> list[tuple[int, int, float, str]]:
    days = (events.occurred_at - day(0).timestamp()) / 86_400
    kinds = [events.kinds[kind] for kind in events.kind.tolist()]
    return list(zip(events.user_idx.tolist(), events.item_idx.tolist(), days.tolist(), kinds, strict=True))


def affinities_by_hand(events: Events, until: float, half_life: float | None) -> dict[tuple[int, int], float]:
    """The formula of the module, pair by pair."""
    known = [row for row in rows_of(events) if row[2] <= until]
    newest = max(when for *_, when, _ in known)
    frequency, bought = defaultdict[tuple[int, int], float](float), Counter[tuple[int, int]]()
    for user, item, when, kind in known:
        frequency[user, item] += WEIGHTS[kind] * (1 if half_life is None else 2 ** -((newest - when) / half_life))
        bought[user, item] += kind == "purchase"
    buyers = Counter(item for (_, item), times in bought.items() if times > 0)
    returned = Counter(item for (_, item), times in bought.items() if times > 1)
    share = returned.total() / buyers.total()
    worth = {
        (user, item): value * ((returned[item] + 5 * share) / (buyers[item] + 5)) ** 0.5
        for (user, item), value in frequency.items()
    }
    best = {user: max(value for (owner, _), value in worth.items() if owner == user) for user, _ in worth}
    return {(user, item): value / best[user] for (user, item), value in worth.items()}


@pytest.mark.parametrize("half_life", [None, 10.0])
@pytest.mark.parametrize("until", [25.0, 40.0])
def test_affinity_is_what_it_says(half_life: float | None, until: float) -> None:
    events = a_shop()
    settings = some_settings(exclude_seen=False, buy_again_half_life_days=half_life)
    found = affinity_of(events, settings, int(day(until).timestamp()))
    assert found is not None
    expected = affinities_by_hand(events, until, half_life)
    assert found.tolist() == pytest.approx([expected[pair] for pair in sorted(expected)], rel=2e-3)


def test_affinity_is_the_same_on_any_number_of_threads() -> None:
    one, four = (affinity_of(a_shop(), some_settings(exclude_seen=False, threads=threads)) for threads in (1, 4))
    assert one is not None
    assert four is not None
    assert one.tobytes() == four.tobytes()


def test_lists_of_new_products_know_nothing_of_it() -> None:
    assert affinity_of(a_shop(), some_settings()) is None
    model = model_until(a_shop(), 40)
    assert with_again(model, None, 1.0) is model


def test_what_is_bought_most_stands_where_the_best_that_is_new_can_stand() -> None:
    """At strength 1 that is the sum over the history of weight times the best score of each item's row."""
    events = a_shop()
    settings = some_settings(exclude_seen=False)
    plain, affinity = model_until(events, 40), affinity_of(events, settings)
    model = with_again(plain, affinity, 0.5)
    assert model.histories.again is not None
    assert affinity is not None
    for user in range(len(model.users)):
        span = slice(model.histories.indptr[user], model.histories.indptr[user + 1])
        items, weights = model.histories.of(user)
        tops = [max(plain.neighbours.row(item)[1], default=0.0) for item in items.tolist()]
        reach = float(np.dot(weights, tops)) or 1.0
        assert model.histories.again[span].tolist() == pytest.approx((0.5 * reach * affinity[span]).tolist(), rel=1e-5)


def seen_in_lists(model: Model) -> int:
    users = range(len(model.users))
    return sum(answer.seen for user in users for answer in recommend(model, model.histories.alone(user), 5).answers)


def test_the_stronger_coming_back_is_the_more_of_it_stands_in_lists() -> None:
    events = a_shop(n_events=900)
    plain, affinity = model_until(events, 40), affinity_of(events, some_settings(exclude_seen=False))
    found = [seen_in_lists(with_again(plain, affinity, strength)) for strength in (0.01, 0.3, 1e6)]
    n_own = np.diff(plain.histories.indptr)
    assert found[0] < found[1] < found[2] == np.minimum(n_own, 5).sum()


def test_milk_comes_before_the_television() -> None:
    """Both were bought once by user 0; others bought milk again and again, and a television once."""
    milk, television = 1, 2
    rows: list[Row] = [(user, milk, float(when)) for user in range(1, 20) for when in range(5)]
    rows += [(user, television, 3.0) for user in range(1, 20)] + [(0, television, 4.0), (0, milk, 4.0), (99, 3, 1.0)]
    events = events_of(rows)
    found = affinity_of(events, some_settings(exclude_seen=False))
    assert found is not None
    assert found[0] == 1.0
    assert found[1] < 0.8


def test_buy_again_alone_is_what_users_did_most_then_what_is_popular() -> None:
    rows: list[Row] = [(1, 1, 1.0), (1, 2, 1.0), (1, 2, 2.0), (1, 3, 1.0), *((user, 3, 1.0) for user in (2, 3, 4))]
    rows += [(user, 9, 1.0) for user in (2, 3)] + [(2, 8, 1.0), (1, 8, 30.0)]
    events = events_of(rows)
    seconds = int(day(10).timestamp())
    known = rival.model_until(ModelTrainer(some_settings(exclude_seen=False)), events, Cut(seconds, CutBy.WINDOW))
    model = buy_again_only(known, events, seconds, threads=1)
    first = recommended_items(model, model.histories.between(0, 1), 5)[0]
    assert [events.products.at(item) for item in first.tolist()] == ["2", "3", "1", "9", "8"]
    assert model.neighbours.n_pairs == 0
