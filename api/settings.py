"""The settings of the API."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from cluster.settings import ClusterSettings
from registry.manifest import is_version
from registry.settings import StoreSettings


class ApiSettings(StoreSettings, ClusterSettings):
    """Where to listen, which model to serve, who may change it.

    `model_version` pins one version; without it the server follows current.json. No `admin_token`:
    the admin routes are closed. `access_log` is no on and off, which in YAML are true and false. No
    `otel_exporter_otlp_endpoint`: nothing is traced.
    """

    api_host: str = "0.0.0.0"  # noqa: S104 (a container's server has to listen beyond loopback)
    admin_token: SecretStr | None = None
    model_version: str | None = None
    poll_seconds: float = Field(2.0, gt=0, le=3600)
    max_body_bytes: int = Field(1 << 20, ge=1)
    drain_seconds: float = Field(0.0, ge=0, le=600)
    shutdown_seconds: int = Field(10, ge=1, le=600)
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
    def _strip_token(cls, token: SecretStr | None) -> SecretStr | None:
        """Drop the line end that a secret made from a file ends with: no HTTP header could carry it."""
        if token is None:
            return None
        return SecretStr(token.get_secret_value().strip()) if token.get_secret_value().strip() else None
