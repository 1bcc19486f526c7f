"""Lists for a product's page, for a user, and for everybody."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import RecommendationList, UserRecommendationList
from api.filtering import Allowed
from api.known_users import find_user
from api.list_answers import explained_answer, list_answer
from api.openapi import problem_answers
from api.ordering import Order
from api.path_ids import ProductId, UserId
from api.problems import Kind, Problem
from api.requests import ExcludeSeen, Explain, K
from api.served_model import ServedModel
from api.services import Parts, Served
from api.validation import shorten
from model.answers import history_of_one, popular, recommend
from model.answers import similar as similar_products

# A query of many ids may be longer than a request's head may be.
LIST_PROBLEMS: Final = (
    Kind.BAD_REQUEST,
    Kind.INVALID_REQUEST,
    Kind.MODEL_NOT_TRAINED,
    Kind.MODEL_NOT_AVAILABLE,
)
router = APIRouter(tags=["Recommendations"])


async def known_user(served: Served, parts: Parts, user_id: UserId) -> int | None:
    """Find a user; None where the model does not know them, or is to know them no more."""
    return find_user(served, parts, user_id)


KnownUser = Annotated[int | None, Depends(known_user)]


@router.get("/api/products/popular", response_model=RecommendationList, responses=problem_answers(*LIST_PROBLEMS))
async def popular_products(served: Served, allowed: Allowed, k: K = 10) -> Response:
    """Give the most popular products; a score is the share of the most popular one's weight."""
    return list_answer(served, popular(served.model, k, allowed))


@router.get(
    "/api/products/{product_id:external_id}/similar",
    response_model=RecommendationList,
    responses=problem_answers(Kind.PRODUCT_NOT_FOUND, *LIST_PROBLEMS),
)
async def similar(
    served: Served,
    product_id: ProductId,
    allowed: Allowed,
    ordering: Order,
    k: K = 10,
    explain: Explain = False,  # noqa: FBT002 (by name only)
) -> Response:
    """Give the products most similar to one; to one that nobody had yet, what is popular in its category."""
    item_idx = item_of(served, product_id)
    found = similar_products(served.model, item_idx, k, allowed, ordering)
    if explain:
        return await run_in_threadpool(explained_answer, served, found, history_of_one(item_idx))
    return list_answer(served, found)


@router.get(
    "/api/users/{user_id:external_id}/recommendations",
    response_model=UserRecommendationList,
    responses=problem_answers(*LIST_PROBLEMS),
)
async def recommendations(  # noqa: PLR0913, PLR0917 (each is a part of the request)
    served: Served,
    user_idx: KnownUser,
    allowed: Allowed,
    ordering: Order,
    k: K = 10,
    exclude_seen: ExcludeSeen = None,
    explain: Explain = False,  # noqa: FBT002 (by name only)
) -> Response:
    """Give the products that a user's history leads to; a user the model does not know gets popular ones."""
    if user_idx is None:
        return list_answer(served, popular(served.model, k, allowed), user_known=False)
    history = served.model.histories.alone(user_idx)
    if exclude_seen:
        history = history.of_new_items()
    found = recommend(served.model, history, k, allowed=allowed, ordering=ordering)
    if explain:
        return await run_in_threadpool(explained_answer, served, found, history, user_known=True)
    return list_answer(served, found, user_known=True)


def item_of(served: ServedModel, product_id: str) -> int:
    """Give a product's position, behind the items for a new one. Raises the Problem of one that nobody knows."""
    item_idx = served.model.find(product_id)
    if item_idx is None:
        raise Problem(Kind.PRODUCT_NOT_FOUND, f"model {served.version} knows no product {shorten(product_id)}")
    return item_idx
