"""Bad databases, data, settings and stores: one clear line that names what, where and what to do, and the exit code."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from registry.files import FileStore
from registry.history import read_history
from registry.registry import Registry
from runtime.errors import BadSettingsError
from tests.parts.mariadb import MariaDb
from tests.parts.s3_front import S3Front
from tests.parts.small_disk import SmallDisk
from tests.parts.tcp_proxy import tcp_proxy
from tests.trainer.running import assert_one_clear_line, train
from tests.trainer.shops import LOG_EVENTS, Event, log_events, log_tables
from trainer.settings import TrainerSettings

NOW = datetime.fromisoformat("2025-01-05 10:00:00")


@pytest.fixture(autouse=True)
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STORE_URL", (tmp_path / "store").as_uri())
    return tmp_path / "store"


@pytest.fixture
def shop_settings(mariadb: MariaDb, mariadb_url: str) -> dict[str, str]:
    """Give DB_* settings of an empty database."""
    name = mariadb_url.rsplit("/", 1)[1]
    return {
        "DB_HOST": mariadb.host,
        "DB_PORT": str(mariadb.port),
        "DB_NAME": name,
        "DB_USER": mariadb.user,
        "DB_PASSWORD": mariadb.password,
    }


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def a_dense_shop(n_users: int, n_products: int) -> list[Event]:
    return [(u, p, NOW + timedelta(minutes=u * p)) for u in range(n_users) for p in range(n_products)]


# --- the database


def test_a_shop_in_mariadb_is_trained_with_db_settings_alone(shop_settings: dict[str, str], store_path: Path) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    assert train(**shop_settings).exit_code == 0
    pointer = Registry(FileStore(store_path)).current()
    assert pointer
    assert Registry(FileStore(store_path)).manifest(pointer.version).metrics["n_interactions"] == 3331


def test_a_database_user_who_may_only_read_is_enough(mariadb: MariaDb, shop_settings: dict[str, str]) -> None:
    assert train("sample-shop", **shop_settings).exit_code == 0
    mariadb.execute("CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'r'")
    mariadb.execute(f"GRANT SELECT ON {shop_settings['DB_NAME']}.* TO reader@'%'")
    ended = train(**{**shop_settings, "DB_USER": "reader", "DB_PASSWORD": "r"})
    assert ended.exit_code == 0, ended.log
    assert "row by row" not in ended.log


def test_database_down(shop_settings: dict[str, str]) -> None:
    port = free_port()
    ended = train(**{**shop_settings, "DB_PORT": port})
    assert_one_clear_line(ended, 75, f"127.0.0.1:{port}", "Can't connect", "Is it up, and reachable from here?")


def test_wrong_password(shop_settings: dict[str, str]) -> None:
    ended = train(**{**shop_settings, "DB_PASSWORD": "wrong-secret"})
    assert_one_clear_line(ended, 64, "the database refuses", "Access denied for user 'shop'", "DB_PASSWORD")
    assert "wrong-secret" not in ended.log


def test_unknown_database(shop_settings: dict[str, str]) -> None:
    ended = train(**{**shop_settings, "DB_NAME": "nosuch"})
    assert_one_clear_line(ended, 64, "Unknown database 'nosuch'", "Check DB_NAME")


def test_missing_table_names_the_query_and_the_table(shop_settings: dict[str, str]) -> None:
    assert_one_clear_line(train(**shop_settings), 64, "the purchase query", "orders' doesn't exist", "EVENTS")


def test_missing_table_on_sqlite(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    ended = train(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert_one_clear_line(ended, 64, "the purchase query", "no such table: orders", "EVENTS")


def test_missing_column_names_the_query_and_the_column(shop: Engine) -> None:
    with shop.begin() as connection:
        connection.execute(text("DROP TABLE product_views"))
        connection.execute(text("CREATE TABLE product_views (user_id INT, product_id INT)"))
    assert_one_clear_line(train(), 64, "the view query", "viewed_at", "EVENTS")


def test_a_query_with_other_columns_names_what_it_lacks() -> None:
    Path("shop.db").touch()
    ended = train(
        DATABASE_URL="sqlite:///shop.db",
        EVENTS='{"purchase": {"sql": "SELECT 1 AS customer, 2 AS product_id, 3 AS at"}}',
    )
    parts = ("the purchase query gives the columns customer, product_id, at", "it lacks user_id, occurred_at", "AS")
    assert_one_clear_line(ended, 64, *parts)


def test_a_database_that_drops_the_connection_halfway_is_tried_again(
    mariadb: MariaDb, mariadb_url: str, shop_settings: dict[str, str], store_path: Path
) -> None:
    log_tables(create_engine(make_url(mariadb_url)))
    log_events(create_engine(make_url(mariadb_url)), "bought", a_dense_shop(400, 100))
    with tcp_proxy(mariadb.port) as proxy:
        proxy.cut_after(200_000)
        ended = train(**{**shop_settings, "DB_PORT": str(proxy.port)}, EVENTS=LOG_EVENTS)
    assert_one_clear_line(ended, 75, "failed at the purchase query", "Is it up, and reachable")
    assert Registry(FileStore(store_path)).current() is None
    assert read_history(FileStore(store_path))[-1].outcome == "failed"


def test_no_database_settings_and_no_sample_shop() -> None:
    parts = ("there is no database file", "var/shop.db", "DB_HOST", "python -m trainer sample-shop")
    assert_one_clear_line(train(), 64, *parts)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("this is no database, however long it may be " * 100)
    ended = train(DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt")
    assert_one_clear_line(ended, 64, "notes.txt is no SQLite database", "DATABASE_URL")


# --- the data


def test_empty_tables(shop: Engine) -> None:  # noqa: ARG001
    assert_one_clear_line(train(), 65, "the purchase query gave no event", "Is the table filled")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (a_dense_shop(60, 9), "9 products with events, MIN_PRODUCTS asks for 10"),
        (a_dense_shop(49, 12), "49 users with events, MIN_USERS asks for 50"),
        ([(u, u % 12, NOW) for u in range(60)], "no two products have 5 users in common (MIN_CO_OCCURRENCE)"),
        ([(None, p, NOW) for p in range(12)], "the purchase query gave no event that can be used"),
        ([(1, p, NOW + timedelta(days=9999)) for p in range(12)], "the purchase query gave no event that can be used"),
    ],
    ids=["9 products", "49 users", "no pair in common", "all ids null", "all in the future"],
)
def test_data_that_makes_no_sound_model(shop: Engine, store_path: Path, events: list[Event], reason: str) -> None:
    log_tables(shop)
    log_events(shop, "bought", events)
    assert_one_clear_line(train(EVENTS=LOG_EVENTS), 65, reason)
    (entry,) = read_history(FileStore(store_path))
    assert entry.outcome == "invalid"
    assert reason in (entry.reason or "")


def test_invalid_data_keeps_the_model_in_service(sample_shop_url: str, shop: Engine, store_path: Path) -> None:
    assert train(DATABASE_URL=sample_shop_url).exit_code == 0
    before = Registry(FileStore(store_path)).current()
    log_tables(shop)
    log_events(shop, "bought", a_dense_shop(49, 12))
    assert train(EVENTS=LOG_EVENTS).exit_code == 65
    assert Registry(FileStore(store_path)).current() == before


# --- settings


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
        ({"RECIPE": "magic"}, ["RECIPE='magic'", "should be 'cosine'"]),
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


# --- the store


def test_a_read_only_store(sample_shop_url: str, disk_of_64_kilobytes: SmallDisk) -> None:
    disk_of_64_kilobytes.make_read_only()
    ended = train(DATABASE_URL=sample_shop_url, STORE_URL=disk_of_64_kilobytes.path.as_uri())
    parts = ("cannot write", "models", "Read-only file system", "STORE_URL must name a folder that can be written")
    assert_one_clear_line(ended, 64, *parts)


def test_a_full_disk_keeps_the_model_in_service(sample_shop_url: str, disk_of_64_kilobytes: SmallDisk) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "STORE_URL": disk_of_64_kilobytes.path.as_uri()}
    assert train(**settings).exit_code == 0  # a model takes 39 kB
    before = Registry(FileStore(disk_of_64_kilobytes.path)).current()
    assert_one_clear_line(train(**settings), 75, "cannot write", "No space left on device", "Make room")
    assert Registry(FileStore(disk_of_64_kilobytes.path)).current() == before


@pytest.mark.usefixtures("bucket")
def test_an_unknown_bucket(sample_shop_url: str, s3_settings: str) -> None:  # noqa: ARG001
    ended = train(DATABASE_URL=sample_shop_url, STORE_URL="s3://no-such-bucket/x")
    assert_one_clear_line(ended, 64, "s3://no-such-bucket/x/", "NoSuchBucket", "Create the bucket")


def test_wrong_credentials(sample_shop_url: str, s3_settings: str) -> None:
    ended = train(DATABASE_URL=sample_shop_url, AWS_SECRET_ACCESS_KEY="wrong-secret")
    assert_one_clear_line(ended, 64, s3_settings, "SignatureDoesNotMatch", "Check the credentials")
    assert "wrong-secret" not in ended.log


def test_a_store_that_is_down(sample_shop_url: str, s3_settings: str) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = train(DATABASE_URL=sample_shop_url, S3_ENDPOINT_URL=endpoint)
    assert_one_clear_line(ended, 75, s3_settings, endpoint, "Is S3_ENDPOINT_URL right, and the store up?")


def test_a_store_that_answers_500_and_then_recovers(sample_shop_url: str, front: S3Front, s3_settings: str) -> None:
    front.answer_with(500, times=3)
    ended = train(DATABASE_URL=sample_shop_url, S3_ENDPOINT_URL=front.endpoint_url)
    assert ended.exit_code == 0, ended.log
    assert "current" in train("versions").output
    assert s3_settings.startswith("s3://")


def test_an_old_version_that_cannot_be_removed_does_not_fail_a_run(
    sample_shop_url: str, front: S3Front, s3_settings: str
) -> None:
    settings = {"DATABASE_URL": sample_shop_url, "KEEP_VERSIONS": "1", "STORE_URL": s3_settings}
    for _ in range(2):
        assert train(**settings).exit_code == 0
    front.answer_with(500, times=1000, method="DELETE")
    ended = train(**settings, S3_ENDPOINT_URL=front.endpoint_url)
    assert ended.exit_code == 0
    assert "WARNING: Old versions were not removed: cannot delete s3://" in ended.log
    assert "Outcome: promoted" in ended.log


def test_current_json_that_is_no_json_is_replaced(sample_shop_url: str, store_path: Path) -> None:
    store_path.mkdir()
    (store_path / "current.json").write_text("{half")
    ended = train(DATABASE_URL=sample_shop_url)
    assert ended.exit_code == 0
    assert "WARNING: No current model: current.json is damaged" in ended.log
    assert Registry(FileStore(store_path)).current()


def _delete_version(store_path: Path, version: str) -> None:
    for path in (store_path / "models" / version).iterdir():
        path.unlink()


def _newer_schema(store_path: Path, version: str) -> None:
    path = store_path / "models" / version / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [(_delete_version, "it is not there"), (_newer_schema, "has schema_version 2, this program reads 1")],
    ids=["current.json names a missing version", "the manifest is from a newer program"],
)
def test_a_current_model_that_cannot_be_used_is_replaced(
    sample_shop_url: str, store_path: Path, damage: Callable[[Path, str], None], reason: str
) -> None:
    assert train(DATABASE_URL=sample_shop_url).exit_code == 0
    before = Registry(FileStore(store_path)).current()
    assert before
    damage(store_path, before.version)
    ended = train(DATABASE_URL=sample_shop_url)
    assert ended.exit_code == 0, ended.log
    assert reason in ended.log
    after = Registry(FileStore(store_path)).current()
    assert after
    assert after.version != before.version
