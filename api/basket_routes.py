"""Lists for a basket or a session, which need not belong to anybody the model knows."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import orjson
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import BasketRecommendationList
from api.basket_requests import BasketRequest
from api.list_answers import explained_answer, full_list_answer, list_answer
from api.list_routes import ListRoute
from api.openapi import problem_answers
from api.problems import Kind, Problem
from api.product_routes import KNOWN, LIST_PROBLEMS, UNKNOWN
from api.served_model import ServedModel
from api.services import Served
from api.validation import in_words, shorten
from model.answers import Source, recommend
from model.full_lists import recommend_in_full
from model.histories import Histories
from model.model import Model

_BASKET_WEIGHT = 1.0
BODY_PROBLEMS: Final = (
    Kind.INVALID_JSON,
    Kind.BAD_REQUEST,
    Kind.REQUEST_TOO_SLOW,
    Kind.BODY_TOO_LARGE,
    Kind.BODY_NOT_JSON_TYPE,
)
router = APIRouter(tags=["Recommendations"], route_class=ListRoute)


@router.post(
    "/api/recommendations",
    response_model=BasketRecommendationList,
    responses=problem_answers(*BODY_PROBLEMS, *LIST_PROBLEMS),
)
async def basket_recommendations(served: Served, asked: BasketRequest) -> Response:
    """Give the products that a basket or a session leads to; one of unknown products gets popular ones."""
    weights, unknown = _known(served.model, _weighted(asked, served.manifest.event_weights))
    items = np.fromiter(weights.keys(), np.int32, len(weights))
    values = np.fromiter(weights.values(), np.float32, len(weights))
    user_idx = None if asked.user_id is None else served.find_user(asked.user_id)
    history = _with_user(served.model, user_idx, Histories.one(items, values), exclude_seen=asked.exclude_seen)
    source = Source.SESSION if user_idx is None else Source.PERSONAL
    return await _answer(served, asked, history, source, _told(asked, unknown, is_known=user_idx is not None))


async def _answer(served: ServedModel, asked: BasketRequest, history: Histories, source: Source, more: str) -> Response:
    allowed, ordering = asked.allowed(served.model), asked.ordering
    if asked.explain:
        found = recommend(served.model, history, asked.k, source, allowed, ordering)
        return await run_in_threadpool(explained_answer, served, found, history, more)
    listed = recommend_in_full(served.model, history, asked.k, allowed, ordering)
    if listed is not None:
        return full_list_answer(served, listed, source, more)
    return list_answer(served, recommend(served.model, history, asked.k, source, allowed, ordering), more)


def _told(asked: BasketRequest, unknown: list[str], *, is_known: bool) -> str:
    """Say what is told beside the list, as JSON from a comma on."""
    known = "" if asked.user_id is None else KNOWN if is_known else UNKNOWN
    return f',"unknown_products":{orjson.dumps(unknown).decode()}{known}'


def _with_user(model: Model, user_idx: int | None, since: Histories, *, exclude_seen: bool | None) -> Histories:
    """Give what the model knows of a user, followed by what they did since; of nobody it knows nothing."""
    if user_idx is None:
        return since
    history = model.histories.alone(user_idx).followed_by(since)
    return history.of_new_items() if exclude_seen else history


def _weighted(asked: BasketRequest, weights: Mapping[str, float]) -> list[tuple[str, float]]:
    """Give each product with the weight of what happened to it. Raises the Problem of a kind that has none."""
    if "products" in asked.model_fields_set:
        return [(product_id, _BASKET_WEIGHT) for product_id in asked.products]
    for place, event in enumerate(asked.events):
        if event.event not in weights:
            raise _unknown_kind(place, event.event, weights)
    return [(event.product_id, weights[event.event]) for event in asked.events]


def _unknown_kind(place: int, kind: str, weights: Mapping[str, float]) -> Problem:
    field = {
        "field": f"events[{place}].event",
        "problem": f"must be a kind of event that the model was trained on: {', '.join(sorted(weights))}",
        "given": shorten(kind),
    }
    return Problem(Kind.INVALID_REQUEST, in_words([field]), errors=[field])


def _known(model: Model, weighted: Iterable[tuple[str, float]]) -> tuple[dict[int, float], list[str]]:
    """Add up the weights by product, and give the ids that are unknown; an event of weight 0 did not happen."""
    weights: dict[int, float] = {}
    unknown: dict[str, None] = {}
    for product_id, weight in weighted:
        idx = model.find(product_id)
        if idx is None:
            unknown[product_id] = None
        elif weight > 0:
            weights[idx] = weights.get(idx, 0.0) + weight
    return weights, list(unknown)
