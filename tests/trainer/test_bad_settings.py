"""Bad settings: one clear line that names what, where and what to do, and the exit code."""

from pathlib import Path

import pytest

from registry.files import FileStore
from registry.registry import Registry
from runtime.errors import BadSettingsError
from tests.trainer.running import assert_one_clear_line, train
from trainer.settings import TrainerSettings

pytestmark = pytest.mark.usefixtures("store_path")


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"MIN_CO_OCCURRENCE": "many"}, ["MIN_CO_OCCURRENCE='many'", "valid integer"]),
        ({"MIN_CO_OCCURRENCE": "0"}, ["MIN_CO_OCCURRENCE='0'", "greater than or equal to 1"]),
        ({"PURCHASE_WEIGHT": "-1"}, ["PURCHASE_WEIGHT='-1'", "greater than or equal to 0"]),
        ({"VIEW_WEIGHT": "nan"}, ["VIEW_WEIGHT='nan'", "finite number"]),
        ({"DB_PORT": "mysql"}, ["DB_PORT='mysql'", "valid integer"]),
        ({"STORE_URL": "ftp://x"}, ["STORE_URL='ftp://x'", "must be file:///path/to/a/folder or s3://bucket/prefix"]),
        ({"S3_ENDPOINT_URL": "minio:9000"}, ["S3_ENDPOINT_URL='minio:9000'", "must be http://host:port"]),
        ({"DB_HOST": "db"}, ["DB_NAME and DB_USER must be set too"]),
        ({"DATABASE_URL": "no url"}, ["DATABASE_URL must be like mysql://user:password@host:3306/shop"]),
        ({"PURCHASE_WEIGHT": "0", "VIEW_WEIGHT": "0"}, ["all events weigh 0"]),
        ({"EVENTS": "{not json"}, ["EVENTS", "valid JSON"]),
        ({"EVENTS": '{"cart": {"weight": 1}}'}, ["the kind 'cart' needs both sql and weight"]),
        ({"EVENTS": '{"cart": {"wieght": 1}}'}, ["EVENTS.cart.wieght", "not permitted"]),
        ({"RECIPE": "magic"}, ["RECIPE='magic'", "may be auto, cosine,", "or module:NAME of your own"]),
        ({"KINDS": "both"}, ["KINDS='both'", "should be 'together', 'apart' or 'paths'"]),
        ({"QUANTITY": "units"}, ["QUANTITY='units'", "should be 'ignore', 'sum' or 'log'"]),
        ({"REPEATS": "twice"}, ["REPEATS='twice'", "should be 'sum', 'log', 'cap' or 'binary'"]),
        ({"HALF_LIFE_DAYS": "0"}, ["HALF_LIFE_DAYS='0'", "greater than 0"]),
        ({"RIDGE": "-1"}, ["RIDGE='-1'", "greater than 0"]),
        ({"HOLDOUT_KINDS": "sale"}, ["HOLDOUT_KINDS names 'sale'", "that are read are purchase, view"]),
        ({"HOLDOUT_KINDS": "view", "VIEW_WEIGHT": "0"}, ["HOLDOUT_KINDS names 'view'", "are purchase"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_one_line_that_says_what_it_may_be(
    settings: dict[str, str], parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError) as wrong:
        TrainerSettings.load()
    assert "\n" not in str(wrong.value)
    assert all(part in str(wrong.value) for part in ("wrong settings: ", *parts))


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"MIN_USERS": "x", "NEIGHBOURS": "-3"}, ["MIN_USERS='x'", "NEIGHBOURS='-3'"]),
        ({"DATABASE_URL": "oracle+nodriver://x/y"}, ["without a driver here"]),
        ({"LOG_FILE": "/proc/no/such.log"}, ["LOG_FILE='/proc/no/such.log'", "cannot be written"]),
    ],
    ids=["several settings", "no driver", "no log file"],
)
def test_wrong_settings_end_a_run_with_exit_code_64(settings: dict[str, str], parts: list[str]) -> None:
    assert_one_clear_line(train(**settings), 64, *parts)


def test_a_dotenv_file_is_read_and_the_environment_wins(sample_shop_url: str, store_path: Path) -> None:
    Path(".env").write_text(f"DATABASE_URL={sample_shop_url}\nNEIGHBOURS=3\nMIN_USERS=1000\n")
    ended = train(MIN_USERS="50")
    assert ended.exit_code == 0, ended.log
    registry = Registry(FileStore(store_path))
    assert registry.manifest(registry.versions()[0].version).settings["neighbours"] == 3


def test_wrong_arguments() -> None:
    assert_one_clear_line(train("retrain"), 64, "invalid choice: 'retrain'")
