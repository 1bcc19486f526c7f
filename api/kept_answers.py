"""Answers that rest on nothing but one model, kept as they were sent: most requests ask what others asked before."""

from typing import Final, NamedTuple

from fastapi.routing import APIRoute

# As many lists of ten products as a shop of twenty thousand has.
_MOST_BYTES: Final = 24_000_000
# What Python needs for an answer and its place beside the texts.
_BYTES_OF_ONE: Final = 400
_LONGEST_QUERY: Final = 100

Key = tuple[str, bytes]


class KeptAnswer(NamedTuple):
    """A list as it was sent, the route that gave it, and what observers are told of it."""

    route: APIRoute
    body: bytes
    source: str
    n_products: int


class KeptAnswers:
    """The answers of one model by path and query. Where they get too many, the oldest are let go."""

    def __init__(self) -> None:
        self._answers: dict[Key, KeptAnswer] = {}
        self._n_bytes = 0
        self.find = self._answers.get

    def keep(self, key: Key, answer: KeptAnswer) -> None:
        """Keep an answer, unless its query is one of those of which there are too many."""
        if len(key[1]) > _LONGEST_QUERY or key in self._answers:
            return
        self._answers[key] = answer
        self._n_bytes += _size(key, answer)
        while self._n_bytes > _MOST_BYTES:
            oldest = next(iter(self._answers))
            self._n_bytes -= _size(oldest, self._answers.pop(oldest))


def _size(key: Key, answer: KeptAnswer) -> int:
    return len(key[0]) + len(key[1]) + len(answer.body) + _BYTES_OF_ONE
