"""A wrong setting is one line that names it, what it was, and what it may be; a secret's value is never said."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError, field_validator

from registry.files import FileStore
from registry.s3 import S3Store
from registry.settings import StoreSettings, open_store
from runtime.errors import BadSettingsError, Exit
from runtime.settings import Settings


class ShopSettings(Settings):
    may_be_empty = frozenset({"catalogue"})

    db_port: int = Field(default=3306, gt=0)
    db_password: SecretStr | None = Field(default=None, max_length=3)
    weights: dict[str, float] = Field(default_factory=dict)
    name: str = "shop"
    catalogue: str = "all"

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if name == "wrong":
            raise ValueError("Must be another name")
        return name


def refusal(settings: type[Settings]) -> str:
    with pytest.raises(BadSettingsError) as raised:
        settings.load()
    assert raised.value.exit_code == Exit.BAD_SETTINGS
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_settings_come_from_the_environment_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", "3307")
    assert ShopSettings.load().db_port == 3307


def test_settings_come_from_a_dot_env_file_which_the_environment_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("DB_PORT=3307\nNAME='my shop'\nUNKNOWN=1\n", encoding="utf-8")
    monkeypatch.setenv("DB_PORT", "3308")
    assert (ShopSettings.load().db_port, ShopSettings.load().name) == (3308, "my shop")


def test_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", "")
    assert ShopSettings.load().db_port == 3306


def test_an_empty_variable_that_may_be_empty_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ShopSettings.load().catalogue == "all"
    Path(".env").write_text("CATALOGUE=some\n", encoding="utf-8")
    assert ShopSettings.load().catalogue == "some"
    monkeypatch.setenv("CATALOGUE", "")
    assert ShopSettings.load().catalogue == ""


def test_the_environment_overrides_what_is_empty_in_a_dot_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("CATALOGUE=\nNAME=\n", encoding="utf-8")
    assert (ShopSettings.load().catalogue, ShopSettings.load().name) == ("", "shop")
    assert ShopSettings.load(_env_file=None).catalogue == "all"
    monkeypatch.setenv("CATALOGUE", "some")
    assert ShopSettings.load().catalogue == "some"
    assert ShopSettings.load(catalogue="none").catalogue == "none"


def test_argument_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", "3307")
    assert ShopSettings.load(db_port=1).db_port == 1


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ShopSettings.load().db_port = 1  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DB_PORT", "many", "DB_PORT='many': input should be a valid integer"),
        ("DB_PORT", "-1", "DB_PORT='-1': input should be greater than 0"),
        ("DB_PORT", "nan", "DB_PORT='nan': "),
        ("LOG_FORMAT", "xml", "LOG_FORMAT='xml': input should be 'auto', 'human' or 'json'"),
        ("LOG_LEVEL", "info", "LOG_LEVEL='info': input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("NAME", "wrong", "NAME='wrong': must be another name"),
        ("WEIGHTS", '{"view": "much"}', "WEIGHTS.view='much': input should be a valid number"),
    ],
)
def test_wrong_setting_is_named_with_its_value_and_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal(ShopSettings).startswith(f"wrong settings: {said}")


def test_setting_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIGHTS", "{view: 1}")
    assert "weights" in refusal(ShopSettings).lower()
    assert "JSON" in refusal(ShopSettings)


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", "many")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    assert "DB_PORT='many'" in refusal(ShopSettings)
    assert "LOG_FORMAT='xml'" in refusal(ShopSettings)


def test_long_value_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PORT", "x" * 10_000)
    assert f"DB_PORT='{'x' * 60}…'" in refusal(ShopSettings)


def test_secret_is_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "open sesame")
    assert "DB_PASSWORD: " in refusal(ShopSettings)
    assert "sesame" not in refusal(ShopSettings)
    assert "sesame" not in repr(ShopSettings.load(db_password="sesame"[:3]))


def test_store_is_a_folder_here_by_default(tmp_path: Path) -> None:
    assert StoreSettings.load().store_url == (tmp_path / "var" / "store").as_uri()


@pytest.mark.parametrize(
    "url",
    [
        "store",
        "/var/store",
        "file://var/store",
        "file:///",
        "file:",
        "s3:///prefix",
        "s3:bucket",
        "gs://bucket",
        "s3://",
    ],
)
def test_store_url_that_is_none_is_refused_with_what_it_may_be(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STORE_URL", url)
    expected = f"wrong settings: STORE_URL={url!r}: must be file:///path/to/a/folder or s3://bucket/prefix"
    assert refusal(StoreSettings) == expected


@pytest.mark.parametrize(
    "url",
    ["minio:9000", "localhost", "ftp://minio", "http://", "http://minio:nine", "http://minio:99999", "http://[::1"],
)
def test_endpoint_that_is_none_is_refused_with_what_it_may_be(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", url)
    assert refusal(StoreSettings).startswith(f"wrong settings: S3_ENDPOINT_URL={url!r}: must be http://host:port or")


def test_store_url_opens_the_folder_it_names(tmp_path: Path) -> None:
    store = open_store(StoreSettings.load(store_url=(tmp_path / "a shop ü%").as_uri()))
    assert isinstance(store, FileStore)
    store.put("key", b"body")
    assert (tmp_path / "a shop ü%" / "key").read_bytes() == b"body"


def test_s3_url_opens_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", "s3://bucket/prefix")
    assert isinstance(open_store(StoreSettings.load()), S3Store)
