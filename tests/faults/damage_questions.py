"""Everything that is asked of a model and of a manifest that were read, and what is wrong with the answers."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import numpy as np

from model.answers import AnswerList, popular, recommend, similar
from model.catalogue import NO_CATEGORY, NO_PRICE, Catalogue
from model.figures import Figures
from model.golden import golden_answers
from model.model import Model
from monitor.backups import as_json, list_backups
from monitor.observation import observe
from registry.registry import Registry

_K: Final = 10
_ASKED: Final = 25


def problems_of_model(model: Model) -> Iterator[str]:
    """Ask for neighbours, recommendations and popular products; each answer must be one that can be sent."""
    n_users = len(model.users)
    yield from _problems_of_figures(Figures.of(model))
    golden_answers(model)
    yield from _problems(model, popular(model, _K), min(_K, model.n_listable))
    for item in _spread(model.n_listable):
        if model.find(model.at(item)) != item:
            yield f"product {item} is not found by its own id"
        answers = similar(model, item, _K)
        yield from _problems(model, answers, min(_K, model.n_listable - 1))
        if any(answer.item_idx == item for answer in answers.answers):
            yield f"product {item} is similar to itself"
    for user in _spread(n_users):
        if model.users.find(model.users.at(user)) != user:
            yield f"user {user} is not found by its own id"
        yield from _problems(model, recommend(model, model.histories.alone(user), _K), min(_K, model.n_listable))
    if model.catalogue is not None:
        yield from _problems_of_catalogue(model.catalogue, model.n_listable)


def _problems_of_catalogue(catalogue: Catalogue, n_rows: int) -> Iterator[str]:
    """Tell all of every product; what is no text, or lies outside, raises."""
    for row in range(n_rows):
        category, price = int(catalogue.category[row]), float(catalogue.price[row])
        told = [catalogue.names.at(row), catalogue.image_urls.at(row)]
        told += [] if category == NO_CATEGORY else [catalogue.categories.at(category)]
        "".join(told).encode()
        if price != NO_PRICE and not 0 <= price < math.inf:
            yield f"product {row} costs {price}"
        if not {int(catalogue.available[row]), int(catalogue.listed[row])} <= {0, 1}:
            yield f"product {row} is neither available nor not"


def _spread(n: int) -> list[int]:
    return sorted({int(place) for place in np.linspace(0, n - 1, min(n, _ASKED))})


def _problems(model: Model, answers: AnswerList, expected: int) -> Iterator[str]:
    if len(answers.answers) != expected:
        yield f"{len(answers.answers)} answers where there should be {expected}"
    for answer in answers.answers:
        if not 0 <= answer.item_idx < model.n_listable:
            yield f"an answer is item {answer.item_idx}"
        elif not math.isfinite(answer.score):
            yield f"an answer has the score {answer.score}"
        else:
            model.at(answer.item_idx).encode()


def _problems_of_figures(figures: Figures) -> Iterator[str]:
    for name, value in asdict(figures).items():
        if not math.isfinite(value):
            yield f"{name} is {value}"
    if not (0 <= figures.sparsity <= 1 and 0 <= figures.similarity_density <= 1):
        yield f"sparsity {figures.sparsity}, similarity_density {figures.similarity_density}"


def ask_of_versions(registry: Registry) -> None:
    """Do what the monitor does with manifests; whatever cannot be done raises."""
    report = as_json(list_backups(registry, "file:///store"))
    json.dumps(report, allow_nan=False, ensure_ascii=False).encode()
    seen = observe(registry, datetime.now(UTC))
    assert seen.model_age_days is None or math.isfinite(seen.model_age_days)
    for summary in registry.versions():
        assert summary.version
