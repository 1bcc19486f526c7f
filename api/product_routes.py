"""Lists for a product's page, for a user, and for everybody."""

from typing import Final

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import RecommendationList, UserRecommendationList
from api.list_answers import ListAnswer, explained_answer, full_list_answer, list_answer
from api.list_queries import AskedOfList, AskedOfProduct, AskedOfUser
from api.list_routes import ListRoute, ModelListRoute
from api.openapi import problem_answers
from api.path_ids import ProductId, UserId
from api.problems import Kind, Problem
from api.served_model import ServedModel
from api.services import Served
from api.validation import shorten
from model.answers import Source, history_of_one, recommend
from model.answers import similar as similar_products
from model.full_lists import popular_in_full, recommend_in_full, similar_in_full
from model.histories import Histories
from model.model import Mask
from model.reordering import Ordering

# A query of many ids may be longer than a request's head may be.
LIST_PROBLEMS: Final = (
    Kind.BAD_REQUEST,
    Kind.INVALID_REQUEST,
    Kind.MODEL_NOT_TRAINED,
    Kind.MODEL_NOT_AVAILABLE,
)
KNOWN: Final = ',"user_known":true'
UNKNOWN: Final = ',"user_known":false'
router = APIRouter(tags=["Recommendations"], route_class=ModelListRoute)
user_router = APIRouter(tags=["Recommendations"], route_class=ListRoute)


@router.get("/api/products/popular", response_model=RecommendationList, responses=problem_answers(*LIST_PROBLEMS))
async def popular_products(served: Served, asked: AskedOfList) -> Response:
    """Give the most popular products; a score is the share of the most popular one's weight."""
    listed = popular_in_full(served.model, asked.k, asked.allowed(served.model))
    return full_list_answer(served, listed, Source.POPULAR)


@router.get(
    "/api/products/{product_id:external_id}/similar",
    response_model=RecommendationList,
    responses=problem_answers(Kind.PRODUCT_NOT_FOUND, *LIST_PROBLEMS),
)
async def similar(served: Served, asked: AskedOfProduct, product_id: ProductId) -> Response:
    """Give the products most similar to one; to one that nobody had yet, what is popular in its category."""
    allowed, item_idx = asked.allowed(served.model), item_of(served, product_id)
    listed = None if asked.explain else similar_in_full(served.model, item_idx, asked.k, allowed, asked.ordering)
    if listed is not None:
        return full_list_answer(served, listed, Source.SIMILAR)
    found = similar_products(served.model, item_idx, asked.k, allowed, asked.ordering)
    if asked.explain:
        return await run_in_threadpool(explained_answer, served, found, history_of_one(item_idx))
    return list_answer(served, found)


@user_router.get(
    "/api/users/{user_id:external_id}/recommendations",
    response_model=UserRecommendationList,
    responses=problem_answers(*LIST_PROBLEMS),
)
async def recommendations(served: Served, asked: AskedOfUser, user_id: UserId) -> Response:
    """Give the products that a user's history leads to; a user the model does not know gets popular ones."""
    allowed, history = asked.allowed(served.model), history_of(served, user_id, exclude_seen=asked.exclude_seen)
    if asked.explain and history is not None:
        found = recommend(served.model, history, asked.k, Source.PERSONAL, allowed, asked.ordering)
        return await run_in_threadpool(explained_answer, served, found, history, KNOWN)
    return personal_list(served, history, asked.k, allowed, asked.ordering)


def history_of(served: ServedModel, user_id: str, *, exclude_seen: bool | None) -> Histories | None:
    """Give a user's history, for a list without it where that is asked for; None where the user is unknown."""
    user_idx = served.find_user(user_id)
    if user_idx is None:
        return None
    history = served.model.histories.alone(user_idx)
    return history.of_new_items() if exclude_seen else history


def personal_list(
    served: ServedModel, history: Histories | None, k: int, allowed: Mask | None, ordering: Ordering
) -> ListAnswer:
    """Give the list that a user's history leads to, where there is one, and popular products otherwise."""
    if history is None:
        return full_list_answer(served, popular_in_full(served.model, k, allowed), Source.POPULAR, UNKNOWN)
    listed = recommend_in_full(served.model, history, k, allowed, ordering)
    if listed is not None:
        return full_list_answer(served, listed, Source.PERSONAL, KNOWN)
    return list_answer(served, recommend(served.model, history, k, Source.PERSONAL, allowed, ordering), KNOWN)


def item_of(served: ServedModel, product_id: str) -> int:
    """Give a product's position, behind the items for a new one. Raises the Problem of one that nobody knows."""
    item_idx = served.model.find(product_id)
    if item_idx is None:
        raise Problem(Kind.PRODUCT_NOT_FOUND, f"model {served.version} knows no product {shorten(product_id)}")
    return item_idx
