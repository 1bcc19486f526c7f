"""The same data and settings make the same bytes, whatever the threads and in whichever process."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.generated_shops import GeneratedShop, generated_tables, write_sqlite
from tests.trainer.running import train

# Of a size at which every kernel gives each of four threads something to do.
LARGE = GeneratedShop(users=4_000, products=1_200, purchases=120_000, views=60_000)
THREADS = ("1", "2", "4", "2")


@pytest.fixture(params=["sample shop", "generated shop"])
def shop_url(request: pytest.FixtureRequest, tmp_path: Path, sample_shop_url: str) -> str:
    if request.param == "sample shop":
        return sample_shop_url
    return write_sqlite(tmp_path / "large.db", generated_tables(LARGE)).render_as_string()


def models_of(url: str, stores: Path, settings: Sequence[dict[str, str]]) -> list[str]:
    """Train once with each of these settings, each into a store of its own; give the sha256 of each model."""
    for number, setting in enumerate(settings):
        ended = train(DATABASE_URL=url, STORE_URL=(stores / str(number)).as_uri(), **setting)
        assert ended.exit_code == 0, ended.log
    found = [sorted((stores / str(number)).glob("models/*/model.safetensors")) for number in range(len(settings))]
    return [sha256(path.read_bytes()).hexdigest() for (path,) in found]


def test_model_is_the_same_bytes_on_one_two_and_four_threads_and_in_another_process(
    shop_url: str, tmp_path: Path
) -> None:
    assert len(set(models_of(shop_url, tmp_path, [{"THREADS": threads} for threads in THREADS]))) == 1


def test_model_of_other_settings_is_other_bytes(sample_shop_url: str, tmp_path: Path) -> None:
    """Or the test above would compare nothing."""
    assert len(set(models_of(sample_shop_url, tmp_path, [{"NEIGHBOURS": "5"}, {"NEIGHBOURS": "6"}]))) == 2
