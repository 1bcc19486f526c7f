from pathlib import Path

import pytest

from api.settings import ApiSettings
from api.tokens import read_tokens
from runtime.errors import BadSettingsError

NAMES = (
    *("API_HOST", "API_PORT", "ADMIN_TOKEN", "METRICS_TOKEN", "POLL_SECONDS", "MODEL_VERSION", "CORS_ORIGINS"),
    *("ACCESS_LOG", "ACCESS_LOG_PATHS", "CONSOLE", "OTEL_EXPORTER_OTLP_ENDPOINT"),
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
        ("API_WORKERS", "0"),
        ("API_WORKERS", "65"),
        ("POLL_SECONDS", "0"),
        ("POLL_SECONDS", "nan"),
        ("POLL_SECONDS", "inf"),
        ("MODEL_VERSION", "latest"),
        ("MAX_BODY_BYTES", "0"),
        ("SHUTDOWN_SECONDS", "never"),
        ("ADMIN_REQUESTS_PER_MINUTE", "0"),
        ("REQUEST_SECONDS", "0"),
        ("CORS_ORIGINS", "shop.example.com"),
        ("CORS_ORIGINS", "https://shop.example.com/"),
        ("CORS_ORIGINS", "https://a.example.com,"),
        ("TRUSTED_HOSTS", "shop.example.com:8000"),
        ("TRUSTED_HOSTS", "a.*.example.com"),
        ("TRUSTED_PROXIES", "ingress"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("ACCESS_LOG", "on"),
        ("ACCESS_LOG_PATHS", "some"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=f"{name}='{value}'"):
        ApiSettings.load()


# What pytest's own parameters would do to a lone star.
def test_every_address_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "*")
    with pytest.raises(BadSettingsError, match=r"TRUSTED_PROXIES='\*': must be addresses or networks"):
        ApiSettings.load()


def test_lists_stand_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://Shop.example.com, http://localhost:3000")
    monkeypatch.setenv("TRUSTED_HOSTS", "shop.example.com,*.internal , [::1]")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.7,fd00::/8")
    settings = ApiSettings.load()
    assert settings.cors_origins == ("https://shop.example.com", "http://localhost:3000")
    assert settings.trusted_hosts == ("shop.example.com", "*.internal", "[::1]")
    assert settings.trusted_proxies == ("10.0.0.0/8", "192.0.2.7/32", "fd00::/8")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ADMIN_TOKEN", "  ", "it is blank: leave it out to close the admin routes"),
        ("ADMIN_TOKEN", " \n\n", "it is blank: leave it out to close the admin routes"),
        ("ADMIN_TOKEN", "very,,secret", "token 2 is empty"),
        ("ADMIN_TOKEN", "very\nsecret,", "token 3 is empty"),
        ("ADMIN_TOKEN", "very\nci owner secret", "the role of token 2 must be admin or metrics"),
        ("ADMIN_TOKEN", "very:secret secret", "the name of token 1 may have up to 40 letters, digits and . _ @ -"),
        (
            "ADMIN_TOKEN",
            "ci admin very secret",
            "token 1 has 4 words: write `TOKEN`, `NAME TOKEN` or `NAME ROLE TOKEN`",
        ),
        ("ADMIN_TOKEN", "secret, ci secret", "it holds the same token twice"),
        ("METRICS_TOKEN", " \t", "must be one token of ASCII letters, digits and signs"),
        ("METRICS_TOKEN", "very secret", "must be one token of ASCII letters, digits and signs"),
        ("METRICS_TOKEN", "sécret", "must be one token of ASCII letters, digits and signs"),
    ],
)
def test_wrong_tokens_are_one_line_that_shows_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError) as raised:
        ApiSettings.load()
    assert str(raised.value) == f"wrong settings: {name}: {reason}"


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", "very-secret")
    monkeypatch.setenv("METRICS_TOKEN", "secret-too")
    shown = repr(ApiSettings.load()) + repr(read_tokens("very-secret"))
    assert "very-secret" not in shown
    assert "secret-too" not in shown
