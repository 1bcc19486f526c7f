"""The settings of the API."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from api.allow_lists import ANY, Hosts, Origins, Proxies
from api.tokens import read_tokens
from cluster.settings import ClusterSettings
from registry.manifest import is_version
from registry.settings import StoreSettings


class ApiSettings(StoreSettings, ClusterSettings):
    """Where to listen, which model to serve, who may change it, and what to be on guard against.

    `model_version` pins one version; without it the server follows current.json. `admin_token` may hold several
    (api.tokens); with none the admin routes are closed. `access_log` is no on and off, which in YAML are true and
    false. No `otel_exporter_otlp_endpoint`: nothing is traced.
    """

    api_host: str = "0.0.0.0"  # noqa: S104 (a container's server has to listen beyond loopback)
    admin_token: SecretStr | None = None
    model_version: str | None = None
    poll_seconds: float = Field(2.0, gt=0, le=3600)
    max_body_bytes: int = Field(1 << 20, ge=1)
    drain_seconds: float = Field(0.0, ge=0, le=600)
    shutdown_seconds: int = Field(10, ge=1, le=600)
    admin_requests_per_minute: int = Field(60, ge=1, le=100_000)
    request_seconds: float = Field(60.0, gt=0, le=3600)
    cors_origins: Origins = ()
    trusted_hosts: Hosts = (ANY,)
    trusted_proxies: Proxies = ()
    console: bool = True
    api_workers: int = Field(1, ge=1, le=64)
    access_log: Literal["all", "errors", "none"] = "all"
    access_log_paths: bool = False
    otel_exporter_otlp_endpoint: str | None = Field(None, pattern=r"^https?://[^/?#\s]+[^?#\s]*$")

    @field_validator("model_version")
    @classmethod
    def _check_version(cls, version: str | None) -> str | None:
        if version is not None and not is_version(version):
            raise ValueError("must be a version such as 20250105T020000Z-1f3c9a2e")
        return version

    @field_validator("admin_token")
    @classmethod
    def _check_tokens(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            read_tokens(token.get_secret_value())
        return token
