"""Shoppers who ask without pause while models are swapped, and judge each answer: it is whole, and of one model."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from model.answers import AnswerList, popular, recommend, similar
from model.histories import Histories
from model.model import Model
from tests.builders import a_model, integer_ids

K: Final = 5
_BASKET: Final = b'{"products": ["10"], "k": 5}'
_QUESTIONS: Final = (
    ("GET", f"/api/products/popular?k={K}", None),
    ("GET", f"/api/products/10/similar?k={K}", None),
    ("GET", f"/api/users/2/recommendations?k={K}", None),
    ("POST", "/api/recommendations", _BASKET),
)
_PAUSE_SECONDS: Final = 0.001
_PRODUCTS_APART: Final = 1_000_000

Listed = list[tuple[str, float]]  # ids and scores


def numbered_model(number: int, n_products: int = 5, n_neighbours: int = 2) -> Model:
    """A model whose ids, but for product 10, have its number in front, and whose scores tell the number too."""
    ids = [10, *(_PRODUCTS_APART * number + n for n in range(n_products - 1))]
    scores = [1 / (rank + 1) + number / 10_000 for rank in range(n_neighbours)]
    near = {item: {(item + 1 + n) % n_products: score for n, score in enumerate(scores)} for item in range(n_products)}
    return a_model(products=integer_ids(ids), neighbours=near)


def whole_answers(model: Model) -> list[Listed]:
    """What a model answers to each of the questions."""
    ten, user = model.products.find("10"), model.users.find("2")
    assert ten is not None
    assert user is not None
    basket = Histories.one(np.array([ten], np.int32), np.ones(1, np.float32))
    lists = (popular(model, K), similar(model, ten, K), recommend(model, model.histories.alone(user), K))
    return [_listed(model, found) for found in (*lists, recommend(model, basket, K))]


def _listed(model: Model, found: AnswerList) -> Listed:
    return [(model.products.at(one.item_idx), round(one.score, 5)) for one in found.answers]


@dataclass
class Swaps:
    """What each version answers, as far as versions may be seen."""

    whole: dict[str, list[Listed]]

    def wrong_with(self, question: int, version: str | None, answer: Mapping[str, Any]) -> str | None:
        """Say what is wrong with an answer whose header named a version."""
        listed = [(item["product_id"], round(item["score"], 5)) for item in answer["items"]]
        if version != answer["model_version"]:
            return f"the header names {version}, the body {answer['model_version']}"
        if version not in self.whole:
            return f"{version} was never in service"
        expected = self.whole[version][question]
        return None if listed == expected else f"{version} answers {expected}, not {listed}"


class Shopper(threading.Thread):
    """Asks one question after the other over one connection, and counts the answers by version."""

    def __init__(self, port: int, swaps: Swaps) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._swaps = swaps

    def run(self) -> None:
        while not self.done.is_set():
            for number in range(len(_QUESTIONS)):
                self._try(number)
                time.sleep(_PAUSE_SECONDS)
        self._connection.close()

    def _try(self, number: int) -> None:
        try:
            self._ask(number)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))
            self._connection.close()

    def _ask(self, number: int) -> None:
        method, path, body = _QUESTIONS[number]
        headers = {"Content-Type": "application/json"} if body else {}
        self._connection.request(method, path, body, headers)
        found = self._connection.getresponse()
        said, version = found.read(), found.headers["X-Model-Version"]
        if found.status != 200:
            self.failures.append(f"{found.status} {said[:200]!r}")
            return
        wrong = self._swaps.wrong_with(number, version, json.loads(said))
        if wrong:
            self.failures.append(wrong)
        self.answers[version] += 1


class Crowd:
    """Some shoppers of one server."""

    def __init__(self, shoppers: list[Shopper]) -> None:
        self._shoppers = shoppers

    @property
    def answers(self) -> Counter[str]:
        return sum((shopper.answers.copy() for shopper in self._shoppers), Counter[str]())

    @property
    def failures(self) -> list[str]:
        return [failure for shopper in self._shoppers for failure in shopper.failures]

    def has_seen(self, version: str) -> bool:
        return any(version in shopper.answers for shopper in self._shoppers)


@contextmanager
def shoppers(port: int, swaps: Swaps, n: int = 3) -> Iterator[Crowd]:
    """Have shoppers ask for as long as the context lasts; then each of them has ended."""
    found = [Shopper(port, swaps) for _ in range(n)]
    for shopper in found:
        shopper.start()
    yield Crowd(found)
    for shopper in found:
        shopper.done.set()
    for shopper in found:
        shopper.join(15)
        assert not shopper.is_alive()
