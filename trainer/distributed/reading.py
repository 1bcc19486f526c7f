"""Events that workers read: each a part of a query, at most as many at a time as the database may be asked at once.

A worker stages what it reads in pieces, as Arrow, and this process takes them as if it had read them itself. Parts are
ranges of users where these are integers, and a query is cut into no more of them than can be read at once: without an
index on the user the database looks through the whole table for each.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from sqlalchemy import Engine

from trainer.distributed.at_hand import at_hand
from trainer.distributed.team import Team
from trainer.reading.bulk import Batches, Question, read_rows
from trainer.reading.parts import parts_of
from trainer.reading.spooling import SpoolError, streamed

if TYPE_CHECKING:
    from distributed import Future

    from trainer.arrays.scratch import Scratch

log = logging.getLogger(__name__)

# So many rows make a piece: some hundred megabytes at most, far below what a store takes in one request.
_PIECE_BATCHES: Final = 64


@dataclass(frozen=True)
class Part:
    """A part of a query, and what it is staged under."""

    name: str
    question: Question

    def piece(self, number: int) -> str:
        """Name a piece."""
        return f"{self.name}-{number}"


@dataclass(frozen=True)
class Read:
    """How many pieces a part has, or why it could not be read in bulk."""

    n_pieces: int
    problem: str = ""


def read_part(part: Part) -> Read:
    """Read a part of a query, and stage its rows. Raises TryAgainError where a disk or the store has no room."""
    here, number, piece = at_hand(), 0, list[pa.RecordBatch]()
    shelf = here.shelf
    try:
        for batch in streamed(here.database, part.question.sql):
            piece.append(batch)
            if len(piece) == _PIECE_BATCHES:
                shelf.put(part.piece(number), piece, batch.schema)
                number, piece = number + 1, []
    except SpoolError as error:
        return Read(0, str(error).replace(here.database, "the database"))  # the address holds the password
    if piece:
        shelf.put(part.piece(number), piece, piece[0].schema)
    return Read(number + bool(piece))


@dataclass(frozen=True)
class ReadingByWorkers:
    """Reads queries on workers; what they cannot read in bulk is read here, row by row."""

    team: Team

    def __call__(
        self, engine: Engine, questions: Sequence[Question], connections: int, scratch: "Scratch"
    ) -> Iterator[Batches]:
        """Give the batches of each question's rows, in the order of the questions (trainer.reading.bulk)."""
        at_once = min(connections, self.team.n_workers)
        n_parts = max(1, at_once // len(questions))
        parts = [self._parts(engine, question, n_parts) for question in questions]
        engine.dispose()  # the connection that asked for the parts is not to count beside those that read
        read = self._read([part for some in parts for part in some], connections)
        del scratch  # the pieces lie in files as it is
        for question, some in zip(questions, parts, strict=True):
            yield self._batches(engine, question, some, read)

    def _parts(self, engine: Engine, question: Question, n: int) -> list[Part]:
        name = self.team.new_name("events")
        queries = parts_of(engine, question.sql, n, question.asking)
        return [Part(f"{name}-{number}", replace(question, sql=sql)) for number, sql in enumerate(queries)]

    def _read(self, parts: Sequence[Part], at_once: int) -> dict[str, Read]:
        """Have all parts read, so many at a time."""
        under_way: dict[Future[Read], Part] = {}
        results = self.team.results(self._handed_out(parts, under_way), at_once)
        return {under_way.pop(future).name: read for future, read in results}

    def _handed_out(self, parts: Sequence[Part], under_way: "dict[Future[Read], Part]") -> "Iterator[Future[Read]]":
        for part in parts:
            future = self.team.hand_out(read_part, f"read-{part.name}", part)
            under_way[future] = part
            yield future

    def _batches(self, engine: Engine, question: Question, parts: Sequence[Part], read: dict[str, Read]) -> Batches:
        problem = next((read[part.name].problem for part in parts if read[part.name].problem), "")
        if problem:
            log.warning("Reading %s in bulk failed (%s); reading it row by row", question.asking, problem)
            yield from read_rows(engine, question)
            return
        for part in parts:
            for number in range(read[part.name].n_pieces):
                yield from self.team.shelf.batches(part.piece(number))
                self.team.shelf.drop([part.piece(number)])
