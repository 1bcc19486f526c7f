"""The base of every process's settings: read once from the environment and `.env`, then frozen and passed down."""

from typing import Any, ClassVar, Literal, Self

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from runtime.errors import BadSettingsError


class Settings(BaseSettings):
    """Settings that all processes share; the environment's names are the fields' names in capitals.

    One that is empty counts as not set, but for those of `may_be_empty`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    may_be_empty: ClassVar[frozenset[str]] = frozenset()

    log_format: Literal["auto", "human", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_file: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (no secret is read from a file)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put before the environment, and before `.env`, what is empty there and says something so."""
        file = dotenv_settings.env_file if isinstance(dotenv_settings, DotEnvSettingsSource) else None
        return (
            init_settings,
            _Emptied(EnvSettingsSource(settings_cls, env_ignore_empty=False), cls.may_be_empty),
            env_settings,
            _Emptied(DotEnvSettingsSource(settings_cls, env_file=file, env_ignore_empty=False), cls.may_be_empty),
            dotenv_settings,
        )

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


class _Emptied(PydanticBaseSettingsSource):
    """The settings among some that a source sets to an empty text."""

    def __init__(self, source: EnvSettingsSource, names: frozenset[str]) -> None:
        super().__init__(source.settings_cls)
        self._empty = {name: "" for name in sorted(names) if source.env_vars.get(name) == ""}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Give one setting, None where it is not empty."""
        return self._empty.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Give all of them."""
        return dict(self._empty)


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
