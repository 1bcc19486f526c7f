"""The lists of many users in one answer, for mails and exports."""

from collections.abc import Iterator
from typing import Final

import orjson
from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from api.answers import BatchOfLists
from api.basket_routes import BODY_PROBLEMS
from api.filtering import FilterMembers
from api.list_queries import EXCLUDE_SEEN
from api.openapi import problem_answers
from api.ordering import OrderingMembers
from api.product_routes import LIST_PROBLEMS, history_of, personal_list
from api.requests import ListLength, UserText
from api.served_model import ServedModel
from api.services import Served
from model.model import Mask

_MOST_USERS: Final = 1000
# So many lists are made before they are sent: no more are held in memory, and none waits long.
_LISTS_AT_ONCE: Final = 20
router = APIRouter(tags=["Recommendations"])


class BatchRequest(FilterMembers, OrderingMembers):
    """Users, and what all of their lists are to be like."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"users": ["1", "2"], "k": 4}]})

    users: list[UserText] = Field(min_length=1, max_length=_MOST_USERS)
    k: ListLength = 10
    exclude_seen: bool | None = Field(None, description=EXCLUDE_SEEN)


@router.post(
    "/api/recommendations/batch",
    response_model=BatchOfLists,
    responses=problem_answers(*BODY_PROBLEMS, *LIST_PROBLEMS),
)
async def batch(served: Served, asked: BatchRequest) -> Response:
    """Give many users' lists, each as the user's own route gives it, in the order of `users`.

    The answer is sent as it is made, in a thread of its own, so that other requests are answered meanwhile.
    """
    allowed = asked.allowed(served.model)
    return StreamingResponse(_pieces(served, asked, allowed), media_type="application/json")


def _pieces(served: ServedModel, asked: BatchRequest, allowed: Mask | None) -> Iterator[bytes]:
    begin = b'{"lists":['
    for first in range(0, len(asked.users), _LISTS_AT_ONCE):
        users = asked.users[first : first + _LISTS_AT_ONCE]
        yield begin + b",".join([_list(served, asked, allowed, user_id) for user_id in users])
        begin = b","
    yield f'],"model_version":"{served.version}"}}'.encode()


def _list(served: ServedModel, asked: BatchRequest, allowed: Mask | None, user_id: str) -> bytes:
    history = history_of(served, user_id, exclude_seen=asked.exclude_seen)
    found = bytes(personal_list(served, history, asked.k, allowed, asked.ordering).body)
    return b'{"user_id":%b,%b' % (orjson.dumps(user_id), found.removeprefix(b"{"))
