"""Shops as columns of events: a few rows in readable input, and made-up ones with tastes that a recipe can find."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from model.ids import Ids
from model.model import Model
from registry.manifest import Manifest
from tests.builders import a_model, integer_ids, string_ids
from trainer.building import kinds_of, matrix_of, model_of
from trainer.champion import Champion
from trainer.events import Events
from trainer.model_trainer import ModelTrainer
from trainer.settings import TrainerSettings

DAY_SECONDS: Final = 86_400
START: Final = datetime(2025, 1, 1, tzinfo=UTC)
WEIGHTS: Final = {"purchase": 1.0, "view": 0.3}

# (user, product, day since START), or that and the kind of the event.
Row = tuple[int, int, float] | tuple[int, int, float, str]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def events_of(rows: Sequence[Row], kinds: tuple[str, ...] = ("purchase",)) -> Events:
    users, products, days = (np.array(column) for column in zip(*(row[:3] for row in rows), strict=True))
    kind = np.array([kinds.index(row[3]) if len(row) > 3 else 0 for row in rows], np.uint8)
    user_ids, user_idx = np.unique(users, return_inverse=True)
    product_ids, item_idx = np.unique(products, return_inverse=True)
    return Events(
        integer_ids(user_ids.tolist()),
        integer_ids(product_ids.tolist()),
        kinds,
        user_idx.astype(np.int32),
        item_idx.astype(np.int32),
        np.array([WEIGHTS[name] for name in kinds], np.float32)[kind],
        (START.timestamp() + days * DAY_SECONDS).astype(np.uint32),
        kind,
    )


def a_shop(seed: int = 1, n_users: int = 90, n_products: int = 60, n_events: int = 4000) -> Events:
    """Purchases and views of users who each like one of six groups of products, over forty days."""
    rng = np.random.default_rng(seed)
    taste, groups = rng.integers(0, 6, n_users), np.arange(n_products) % 6
    users = rng.integers(0, n_users, n_events)
    own = rng.random(n_events) < 0.7
    likes = np.where(own, taste[users], rng.integers(0, 6, n_events))
    products = rng.integers(0, n_products // 6, n_events) * 6 + likes
    assert np.all(groups[products] == likes)
    days = rng.integers(0, 40 * 24, n_events) / 24
    kinds = rng.choice(["purchase", "view"], n_events, p=[0.6, 0.4])
    columns = ((users + 1).tolist(), (products + 1).tolist(), days.tolist(), kinds.tolist())
    return events_of(list(zip(*columns, strict=True)), ("purchase", "view"))


def some_settings(**settings: Any) -> TrainerSettings:  # noqa: ANN401 (fields of TrainerSettings)
    chosen = {"holdout_min_users": 2, "min_co_occurrence": 2, "threads": 1, "recipe": "cosine"}
    return TrainerSettings.load(database_url="sqlite://", **(chosen | settings))


def model_until(events: Events, number: float, settings: TrainerSettings | None = None) -> Model:
    """The model that a run made of the events up to a day, with just the ids that they have."""
    kept = events.where(events.occurred_at <= day(number).timestamp()).without_unused_ids()
    trainer = ModelTrainer(settings or some_settings())
    matrix, kinds = matrix_of(kept, trainer.settings), kinds_of(kept, trainer.settings)
    return model_of(trainer, kept.products, kept.users, matrix, kinds=kinds)


def a_champion(model: Model | None, until: float, made_by: TrainerSettings | None = None, **fields: Any) -> Champion:  # noqa: ANN401 (fields of Manifest)
    made_by = made_by or some_settings()
    manifest = Manifest(
        version="20250104T020000Z-00000001",
        created_at=day(until),
        data_until=day(until),
        recipe=made_by.recipe,
        settings=made_by.model_settings(),
        events={},
        event_weights=made_by.event_weights(),
        metrics={},
        libraries={},
        files={},
    )
    return Champion(manifest.model_copy(update=fields), model or a_model())


def with_text_ids(model: Model) -> Model:
    """The same model of a shop whose ids are text, which puts 10 before 9: all in another order."""
    products, new_items = _as_text(model.products)
    users, new_users = _as_text(model.users)
    rows = [model.neighbours.row(item) for item in np.argsort(new_items)]
    histories = [model.histories.of(user) for user in np.argsort(new_users)]
    return Model(
        products,
        users,
        replace(
            model.neighbours,
            indptr=np.concatenate([[0], np.cumsum([len(items) for items, _ in rows])]),
            indices=new_items[np.concatenate([items for items, _ in rows])],
            scores=np.concatenate([scores for _, scores in rows]),
        ),
        replace(
            model.histories,
            indptr=np.concatenate([[0], np.cumsum([len(items) for items, _ in histories])]),
            indices=new_items[np.concatenate([items for items, _ in histories])],
            weights=np.concatenate([weights for _, weights in histories]),
        ),
        model.popularity[np.argsort(new_items)],
    )


def _as_text(ids: Ids) -> tuple[Ids, Any]:
    texts = [ids.at(idx) for idx in range(len(ids))]
    found = string_ids(texts)
    places = {found.at(idx): idx for idx in range(len(found))}
    return found, np.array([places[text] for text in texts], np.int32)
