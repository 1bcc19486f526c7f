"""The first run on a machine compiles ahead, and says so; the next ones find it done."""

from pathlib import Path

from tests.trainer.running import train


def test_first_run_compiles_ahead_and_the_second_compiles_nothing(
    sample_shop_url: str,
    store_path: Path,  # noqa: ARG001
    tmp_path: Path,
) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DEBUG_CACHE": "1"}
    first, second = train(**settings), train(**settings)
    assert first.exit_code == second.exit_code == 0, first.log
    assert "Compiled in" in first.log
    assert first.log.index("Compiled in") < first.log.index("Connecting to database")
    assert " saved to " in first.output
    assert "Compiled in" not in second.log
    assert " saved to " not in second.output
