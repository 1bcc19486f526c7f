"""The trainer's settings."""

import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from model.soundness import SoundnessLimits
from trainer.distributed.settings import DistributedSettings
from trainer.evaluation.settings import EvaluationSettings
from trainer.gate.rules import RULE_NAMES
from trainer.gate.settings import GateSettings, RuleSettings
from trainer.planning.quantity import parse_quantity
from trainer.platform_choice import PlatformSettings
from trainer.reading.queries import DEFAULT_CATALOGUE_SQL, EventQuery, EventSettings, Weight, event_queries
from trainer.signal_settings import SignalSettings
from trainer.similarity.recipe_names import AUTO, RECIPE_NAMES, is_recipe_name


def usable_processors() -> int:
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class TrainerSettings(
    PlatformSettings, DistributedSettings, SoundnessLimits, EvaluationSettings, GateSettings, SignalSettings
):
    """The database, the events, the recipe, the limits. Environment names are the fields' names in capitals.

    `as_of` makes a backfill, trained on what was known then; it goes live only where `promote` says so. An empty
    `catalogue_sql` asks for no catalogue. Without `keep_histories` no user is in what is published; all that comes
    before, evaluation and gate included, is as with them.
    """

    may_be_empty = frozenset({"catalogue_sql"})

    database_url: SecretStr | None = None
    db_host: str | None = None
    db_port: int = Field(default=3306, ge=1, le=65535)
    db_name: str | None = None
    db_user: str | None = None
    db_password: SecretStr = SecretStr("")
    db_connections: int = Field(default=2, ge=1)

    purchase_weight: Weight = 1.0
    view_weight: Weight = 0.3
    events: dict[str, EventSettings] = Field(default_factory=dict)
    catalogue_sql: str = DEFAULT_CATALOGUE_SQL

    recipe: str = AUTO
    ridge: float = Field(default=10.0, gt=0, le=1e6)
    ridge_nearest: int = Field(default=200, ge=1, le=2_000)
    recipe_budget_seconds: float = Field(default=900.0, ge=0)
    min_co_occurrence: int = Field(default=5, ge=1)
    neighbours: int = Field(default=100, ge=1, le=10_000)
    companions: int = Field(default=20, ge=0, le=1_000)
    max_user_products: int = Field(default=5_000, ge=10, le=10_000_000)
    trainer_class: str = Field(default="trainer:ModelTrainer", pattern=r"^[\w.]+:\w+$")
    threads: int = Field(default_factory=usable_processors, ge=1)

    keep_versions: int = Field(default=5, ge=1)
    keep_histories: bool = True

    as_of: datetime | None = None
    promote: bool = False
    user: str = "unknown"
    memory_limit: str | None = None
    memory_check: Literal["off", "warn", "reject"] = "reject"
    spill_folder: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()))
    worker_memory: str = "2Gi"

    @field_validator("memory_limit", "worker_memory")
    @classmethod
    def _check_quantity(cls, limit: str | None) -> str | None:
        if limit is not None:
            parse_quantity(limit)
        return limit

    @model_validator(mode="after")
    def _check_database(self) -> Self:
        if self.database_url is None and self.db_host is not None and not (self.db_name and self.db_user):
            raise ValueError("where DB_HOST is set, DB_NAME and DB_USER must be set too")
        if self.database_url is not None:
            try:
                make_url(self.database_url.get_secret_value())
            except ArgumentError:
                raise ValueError("DATABASE_URL must be like mysql://user:password@host:3306/shop") from None
        return self

    @model_validator(mode="after")
    def _check_events(self) -> Self:
        if not self.event_queries():
            raise ValueError("all events weigh 0: PURCHASE_WEIGHT, VIEW_WEIGHT or a weight in EVENTS must be above 0")
        read = [query.kind for query in self.event_queries()]
        if unread := [kind for kind in self.holdout_kinds if kind not in read]:
            named = ", ".join(read)
            raise ValueError(f"HOLDOUT_KINDS names {unread[0]!r}; the kinds of events that are read are {named}")
        return self

    @field_validator("as_of")
    @classmethod
    def _check_as_of(cls, as_of: datetime | None) -> datetime | None:
        """Read a time without a zone as UTC."""
        if as_of is None:
            return None
        as_of = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
        if as_of > datetime.now(UTC):
            raise ValueError("must be in the past")
        return as_of

    @field_validator("gate")
    @classmethod
    def _check_rules(cls, gate: dict[str, RuleSettings]) -> dict[str, RuleSettings]:
        unknown = sorted(gate.keys() - set(RULE_NAMES))
        if unknown:
            raise ValueError(f"there is no rule {unknown[0]!r}; the rules are {', '.join(RULE_NAMES)}")
        return gate

    @field_validator("recipe")
    @classmethod
    def _check_recipe(cls, recipe: str) -> str:
        if recipe != AUTO and not is_recipe_name(recipe):
            named = ", ".join((AUTO, *RECIPE_NAMES))
            raise ValueError(f"there is no such recipe; it may be {named}, or module:NAME of your own")
        return recipe

    @model_validator(mode="after")
    def _check_promote(self) -> Self:
        if self.promote and self.as_of is None:
            raise ValueError("PROMOTE goes with AS_OF: a run without it promotes by itself")
        return self

    @property
    def who(self) -> str:
        """Who started the run: the pod in a cluster, the user elsewhere."""
        return self.user if self.cluster_namespace is None else self.pod_name

    def model_settings(self) -> dict[str, object]:
        """Give the settings that shape a model, none of which is a secret."""
        return {
            "min_co_occurrence": self.min_co_occurrence,
            "neighbours": self.neighbours,
            "max_user_products": self.max_user_products,
            "trainer_class": self.trainer_class,
            "ridge": self.ridge,
            "ridge_nearest": self.ridge_nearest,
            "kinds": self.kinds,
            "quantity": self.quantity,
            "repeats": self.repeats,
            "half_life_days": self.half_life_days,
            "window_days": self.window_days,
            "companions": self.companions,
            "exclude_seen": self.exclude_seen,
            "buy_again_strength": self.buy_again_strength,
            "buy_again_half_life_days": self.buy_again_half_life_days,
        }

    def sets_weight_of(self, kind: str) -> bool:
        """Whether the shop itself says what events of a kind weigh."""
        is_in_events = kind in self.events and self.events[kind].weight is not None
        return is_in_events or f"{kind}_weight" in self.model_fields_set

    def with_event_weights(self, weights: Mapping[str, float]) -> Self:
        """Give the same settings with other weights of the kinds of events."""
        events = {
            kind: self.events.get(kind, EventSettings()).model_copy(update={"weight": weight})
            for kind, weight in weights.items()
        }
        return self.model_copy(update={"events": events})

    def event_queries(self) -> list[EventQuery]:
        """Give the query of each kind of event that weighs something."""
        return [query for query in self._all_queries() if query.weight > 0]

    def event_weights(self) -> dict[str, float]:
        """Give the weight of each kind of event, also of those that weigh nothing."""
        return {query.kind: query.weight for query in self._all_queries()}

    def sqlalchemy_url(self) -> URL:
        """Give the database's address: DATABASE_URL, else DB_*, else the sample shop's file in this folder."""
        if self.database_url is not None:
            return _with_driver(make_url(self.database_url.get_secret_value()))
        if self.db_host is None:
            return URL.create("sqlite", database=str(Path.cwd() / "var" / "shop.db"))
        return URL.create(
            "mysql+pymysql",
            username=self.db_user,
            password=self.db_password.get_secret_value(),
            host=self.db_host,
            port=self.db_port,
            database=self.db_name,
        )

    def _all_queries(self) -> list[EventQuery]:
        return event_queries(self.events, {"purchase": self.purchase_weight, "view": self.view_weight}, self.quantity)


def _with_driver(url: URL) -> URL:
    return url.set(drivername=f"{url.drivername}+pymysql") if url.drivername in {"mysql", "mariadb"} else url
