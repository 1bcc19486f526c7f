from pathlib import Path

import pytest

from api.settings import ApiSettings
from runtime.errors import BadSettingsError

NAMES = (
    *("API_HOST", "API_PORT", "ADMIN_TOKEN", "POLL_SECONDS", "MODEL_VERSION"),
    *("ACCESS_LOG", "ACCESS_LOG_PATHS", "OTEL_EXPORTER_OTLP_ENDPOINT"),
)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_the_documented_ones() -> None:
    settings = ApiSettings.load()
    assert (settings.api_host, settings.api_port) == ("0.0.0.0", 8000)
    assert (settings.poll_seconds, settings.max_body_bytes) == (2.0, 1 << 20)
    assert (settings.admin_token, settings.model_version) == (None, None)
    assert (settings.access_log, settings.access_log_paths) == ("all", False)
    assert settings.otel_exporter_otlp_endpoint is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "0"),
        ("API_PORT", "65536"),
        ("API_PORT", "http"),
        ("POLL_SECONDS", "0"),
        ("POLL_SECONDS", "nan"),
        ("POLL_SECONDS", "inf"),
        ("MODEL_VERSION", "latest"),
        ("MAX_BODY_BYTES", "0"),
        ("SHUTDOWN_SECONDS", "never"),
        ("ACCESS_LOG", "on"),
        ("ACCESS_LOG_PATHS", "some"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=f"{name}='{value}'"):
        ApiSettings.load()


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", "very-secret")
    assert "very-secret" not in repr(ApiSettings.load())
