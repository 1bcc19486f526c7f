"""Events that workers read: each a part of a query, at most as many at a time as the database may be asked at once.

A worker cleans and weighs what it reads, codes the ids (trainer.distributed.pieces), and stages it in pieces, which
this process takes as if it had read them itself. Parts are ranges of users where these are integers, and a query is cut
into no more of them than can be read at once: without an index on the user the database looks through the whole table
for each.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import Engine

from runtime.errors import BadDataError
from trainer.distributed.ahead import one_ahead
from trainer.distributed.at_hand import at_hand
from trainer.distributed.pieces import pieces_of
from trainer.distributed.team import Team
from trainer.reading.bulk import read_rows
from trainer.reading.cleaning import Cleaned, Cleaning, EventQuestion
from trainer.reading.parts import parts_of
from trainer.reading.spooling import SpoolError, streamed

if TYPE_CHECKING:
    from distributed import Future

    from trainer.arrays.scratch import Scratch

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """A part of a query, what makes events of its rows, and what these are staged under."""

    name: str
    sql: str
    cleaning: Cleaning

    def piece(self, number: int) -> str:
        """Name a piece."""
        return f"{self.name}-{number}"


@dataclass(frozen=True)
class Read:
    """How many pieces a part has, and the rows that were left out of it, by reason.

    Or why it could not be read in bulk; or what is wrong with the rows, which no second attempt would mend.
    """

    n_pieces: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    wrong: BadDataError | None = None


def read_part(part: Part) -> Read:
    """Read a part of a query, and stage its events. Raises TryAgainError where a disk or the store has no room."""
    here = at_hand()
    cleaned = Cleaned.of_rows(streamed(here.database, part.sql), part.cleaning)
    n_pieces = 0
    try:
        for piece in pieces_of(cleaned.batches):
            here.shelf.write(part.piece(n_pieces), piece)
            n_pieces += 1
    except SpoolError as error:
        return Read(problem=str(error).replace(here.database, "the database"))  # the address holds the password
    except BadDataError as error:
        return Read(wrong=error)
    return Read(n_pieces, cleaned.skipped)


@dataclass(frozen=True)
class ReadingByWorkers:
    """Reads queries on workers; what they cannot read in bulk is read here, row by row."""

    team: Team

    def __call__(
        self, engine: Engine, questions: Sequence[EventQuestion], connections: int, scratch: "Scratch"
    ) -> Iterator[Cleaned]:
        """Give the events of each question, in the order of the questions (trainer.reading.extract.read_events)."""
        at_once = min(connections, self.team.n_workers)
        n_parts = max(1, at_once // len(questions))
        parts = [self._parts(engine, one, n_parts) for one in questions]
        engine.dispose()  # the connection that asked for the parts is not to count beside those that read
        read = self._read([part for some in parts for part in some], connections)
        del scratch  # the pieces lie in files as it is
        for one, some in zip(questions, parts, strict=True):
            yield self._cleaned(engine, one, some, [read[part.name] for part in some])

    def _parts(self, engine: Engine, one: EventQuestion, n: int) -> list[Part]:
        name = self.team.new_name("events")
        queries = parts_of(engine, one.question.sql, n, one.question.asking)
        return [Part(f"{name}-{number}", sql, one.cleaning) for number, sql in enumerate(queries)]

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

    def _cleaned(self, engine: Engine, one: EventQuestion, parts: Sequence[Part], read: Sequence[Read]) -> Cleaned:
        """Give what workers have read. Raises BadDataError where rows are wrong."""
        for wrong in (found.wrong for found in read if found.wrong):
            raise wrong
        for problem in (found.problem for found in read if found.problem):
            log.warning("Reading %s in bulk failed (%s); reading it row by row", one.question.asking, problem)
            return Cleaned.of_rows(read_rows(engine, one.question), one.cleaning)
        skipped = sum((Counter(found.skipped) for found in read), Counter[str]())
        names = [part.piece(n) for part, found in zip(parts, read, strict=True) for n in range(found.n_pieces)]
        return Cleaned(one_ahead(self._taken, names), skipped)

    def _taken(self, name: str) -> pa.RecordBatch:
        batch = self.team.shelf.read_once(name).batch
        self.team.shelf.drop([name])
        return batch
