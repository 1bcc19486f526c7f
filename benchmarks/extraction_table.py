"""A comparison of extractions as Markdown."""

from typing import Final

from benchmarks.extraction_comparison import Comparison, Side
from benchmarks.markdown import megabytes, table

_NAMES: Final = {
    "trainer": "`trainer.reading.extract.extract` (ids coded, columns)",
    "pandas": "`pandas.read_sql`, SQLAlchemy + PyMySQL",
    "sqlalchemy": "SQLAlchemy Core + PyMySQL, streamed rows looked at and dropped",
    "pymysql": "PyMySQL `SSCursor`, rows looked at and dropped",
}
_HEADER: Final = ("side", "best seconds", "times as long", "all seconds", "peak MB", "of which data MB")


def extraction_table(comparison: Comparison, wanted: int) -> str:
    """Give the table, and below it by how much pandas is slower, with what is wanted beside it."""
    sides, ours = comparison.sides, comparison.sides["trainer"]
    return (
        f"### Extraction of {ours.events:,} events, sides in turn, best of {len(ours.seconds)}\n\n"
        f"{table(_HEADER, [_row(side, ours) for side in sides.values()])}\n\n"
        f"pandas.read_sql takes {comparison.ratio:.1f} times as long (at least {wanted} wanted)."
    )


def _row(side: Side, ours: Side) -> tuple[str, ...]:
    times, all_seconds = side.best_seconds / ours.best_seconds, " ".join(f"{one:.2f}" for one in side.seconds)
    memory = (megabytes(side.peak_bytes), megabytes(side.data_bytes))
    return (_NAMES[side.name], f"{side.best_seconds:.2f}", f"{times:.1f}", all_seconds, *memory)
