"""The base of every process's settings: read once from the environment and `.env`, then frozen and passed down."""

from typing import Any, Literal, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from runtime.errors import BadSettingsError


class Settings(BaseSettings):
    """Settings that all processes share; the environment's names are the fields' names in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    log_format: Literal["auto", "human", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_file: str | None = None

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the settings.

        Raises BadSettingsError, one line that names each wrong setting, what it was and what it may be.
        """
        try:
            return cls(**overrides)  # type: ignore[arg-type]  # mypy cannot see that these are field values
        except ValidationError as error:
            wrong = [_describe(cls, detail) for detail in error.errors()]
            raise BadSettingsError("wrong settings: " + "; ".join(wrong)) from None
        except SettingsError as error:
            # pydantic-settings says which field only in its sentence: … for field "events" from source …
            name = str(error).split('"')[1].upper()
            raise BadSettingsError(f"wrong settings: {name}: it must be valid JSON") from None


def _describe(cls: type[Settings], detail: Any) -> str:  # noqa: ANN401 (pydantic's ErrorDetails is not public)
    path = [str(part) for part in detail["loc"]]
    reason = detail["msg"].removeprefix("Value error, ")
    if not path:  # a rule over several settings, which names them itself
        return str(reason)
    field = cls.model_fields.get(path[0])
    secret = field is None or "Secret" in str(field.annotation)
    given = "" if secret or "input" not in detail else f"={_shorten(detail['input'])}"
    return f"{'.'.join([path[0].upper(), *path[1:]])}{given}: {reason[0].lower()}{reason[1:]}"


def _shorten(value: object, limit: int = 60) -> str:
    text = str(value)
    return repr(text if len(text) <= limit else text[:limit] + "…")
