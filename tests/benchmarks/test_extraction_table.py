"""What a comparison of extractions tells a person."""

from benchmarks.extraction_comparison import Comparison, Side
from benchmarks.extraction_table import extraction_table

TRAINER = Side("trainer", [2.5, 2.0], 2.0, peak_bytes=300_000_000, idle_peak_bytes=100_000_000, events=1_000)
PANDAS = Side("pandas", [30.0, 25.0], 25.0, peak_bytes=900_000_000, idle_peak_bytes=150_000_000, events=1_000)


def test_each_side_is_held_to_the_trainer_s_best() -> None:
    told = extraction_table(Comparison({"trainer": TRAINER, "pandas": PANDAS}, 12.5), 10)
    assert "Extraction of 1,000 events, sides in turn, best of 2" in told
    assert "(ids coded, columns) | 2.00 | 1.0 | 2.50 2.00 | 300.0 | 200.0 |" in told
    assert "SQLAlchemy + PyMySQL | 25.00 | 12.5 | 30.00 25.00 | 900.0 | 750.0 |" in told
    assert told.endswith("pandas.read_sql takes 12.5 times as long (at least 10 wanted).")
