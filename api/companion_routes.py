"""What takes a product's place, and what goes with it: as shoppers compared and bought them."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import CompanionList
from api.json_answers import JsonAnswer
from api.list_queries import AskedOfList, ListQuery
from api.openapi import problem_answers
from api.path_ids import ProductId
from api.problems import Kind
from api.product_routes import LIST_PROBLEMS, item_of
from api.served_model import ServedModel
from api.services import Served
from model.companions import Companions
from model.model import Mask

_PROBLEMS = problem_answers(Kind.PRODUCT_NOT_FOUND, *LIST_PROBLEMS)
router = APIRouter(tags=["Recommendations"])


@router.get("/api/products/{product_id:external_id}/substitutes", response_model=CompanionList, responses=_PROBLEMS)
async def substitutes(served: Served, product_id: ProductId, asked: AskedOfList) -> Response:
    """Give the products that the same shoppers looked at; nothing else fills the list up."""
    return _answer(served, served.model.substitutes, product_id, asked)


@router.get("/api/products/{product_id:external_id}/complements", response_model=CompanionList, responses=_PROBLEMS)
async def complements(served: Served, product_id: ProductId, asked: AskedOfList) -> Response:
    """Give the products that the same shoppers bought; nothing else fills the list up."""
    return _answer(served, served.model.complements, product_id, asked)


def _answer(served: ServedModel, companions: Companions | None, product_id: str, asked: ListQuery) -> Response:
    allowed, item_idx = asked.allowed(served.model), item_of(served, product_id)
    is_new = item_idx >= len(served.model.products)
    items = [] if companions is None or is_new else _items(served, companions, item_idx, allowed)[: asked.k]
    return JsonAnswer({"items": items, "counted": companions is not None, "model_version": served.version})


def _items(served: ServedModel, companions: Companions, item_idx: int, allowed: Mask | None) -> list[dict[str, Any]]:
    rows = zip(*(column.tolist() for column in companions.row(item_idx)), strict=True)
    at = served.model.products.at
    return [{"product_id": at(one), "shoppers": n} for one, n in rows if allowed is None or allowed[one]]
