"""What the API answers, as its OpenAPI document describes it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.training_runs import RunState
from model.answers import Source

_VERSION = "20250105T020000Z-1f3c9a2e"


class ReasonDescription(BaseModel):
    """A product that led to an answer."""

    product_id: str = Field(examples=["23"])
    part: float = Field(description="What it adds to the score.", examples=[0.42])
    shoppers: int | None = Field(
        description="How many users have both products; null where the model has too many interactions to count them.",
        examples=[12],
    )


class ExplanationDescription(BaseModel):
    """The parts of a score. They add up to it, but for the rounding of float32."""

    reasons: list[ReasonDescription] = Field(description="The five products that add most, or fewer, best first.")
    rest: float = Field(description="What other products of the history add.", examples=[0.0])
    again: float = Field(description="What the product itself adds, which the user has.", examples=[0.0])
    popularity: float = Field(
        description="The score of a product that is listed for being popular, of a category or of all.", examples=[0.0]
    )


class RecommendedProduct(BaseModel):
    """One product of a list."""

    product_id: str = Field(examples=["17"])
    score: float = Field(
        description="Comparable within one list only; 0 for a product that fills a mixed list up.", examples=[0.42]
    )
    source: Source = Field(
        description="Where this product came from. `category`: it is popular in a category that was asked about, or "
        "new there. Never `mixed`.",
        examples=["similar"],
    )
    seen: bool = Field(
        description="The product stands in the history that was asked about: it is worth having again, or fills a list "
        "that nothing else could.",
        examples=[False],
    )
    borrowed: bool = Field(
        description="It rests on what the first users of a product that few had did otherwise, or on its category.",
        examples=[False],
    )
    explanation: ExplanationDescription | None = Field(
        None, description="With `explain` only: what the score is made of; without parts where it is 0."
    )


class RecommendationList(BaseModel):
    """Products, the first to be shown first: always as many as asked for where the catalogue has them."""

    items: list[RecommendedProduct]
    source: Source = Field(
        description="`mixed`: what is missing was filled in from popular products, of categories or of all. Never "
        "`category`: a list of popular products only is `popular`."
    )
    confidence: float = Field(
        description="Share of the products that are neither borrowed nor filled in, from 0 to 1.", examples=[1.0]
    )
    model_version: str = Field(description="The model that gave this answer.", examples=[_VERSION])


class UserRecommendationList(RecommendationList):
    """Products for a user."""

    user_known: bool = Field(description="Whether the model knows the user; one it does not gets popular products.")


class BasketRecommendationList(RecommendationList):
    """Products for a basket or a session."""

    unknown_products: list[str] = Field(
        description="The products that the model does not know, which were ignored.", examples=[["4711"]]
    )
    user_known: bool | None = Field(
        None, description="With `user_id` only: whether the model knows the user; otherwise what was sent is all."
    )


class OneOfManyLists(UserRecommendationList):
    """Products for one of many users, as the user's own route gives them."""

    user_id: str = Field(examples=["42"])


class BatchOfLists(BaseModel):
    """A list for each user who was asked about, in the same order."""

    lists: list[OneOfManyLists]
    model_version: str = Field(description="The model that gave these lists.", examples=[_VERSION])


class Companion(BaseModel):
    """A product in the company of the one that was asked about."""

    product_id: str = Field(examples=["17"])
    shoppers: int = Field(description="How many shoppers looked at both, or bought both.", examples=[12])


class CompanionList(BaseModel):
    """Substitutes or complements, the most telling first; as many as shoppers tell of, however many were asked for."""

    items: list[Companion]
    counted: bool = Field(
        description="Whether the model has such lists: it does where it was trained with COMPANIONS, on views for "
        "substitutes and on purchases for complements."
    )
    model_version: str = Field(description="The model that gave this answer.", examples=[_VERSION])


class ModelDescription(BaseModel):
    """The version in service here."""

    version: str = Field(examples=[_VERSION])
    previous: str | None = Field(description="What a rollback would put back; null where the version is pinned.")
    promoted_at: datetime | None
    promoted_by: str | None = Field(examples=["trainer"])
    created_at: datetime
    age_days: float = Field(description="Days since created_at.", examples=[1.25])
    data_until: datetime | None = Field(description="Time of the newest event that the model rests on.")
    recipe: str = Field(description="How similarities were made.", examples=["cosine"])
    metrics: dict[str, float] = Field(
        description="Figures of the model.", examples=[{"n_users": 102, "n_products": 33}]
    )
    loaded_at: datetime = Field(description="Since when this server has it in service.")
    pinned: bool = Field(description="Whether MODEL_VERSION pins it; otherwise the server follows current.json.")
    problem: str | None = Field(description="Why this is not what the store says should be served.")


class VersionDescription(BaseModel):
    """One version in the store."""

    version: str = Field(examples=[_VERSION])
    size_bytes: int = Field(examples=[48213])
    published_at: datetime
    current: bool = Field(description="Whether current.json names it.")


class VersionList(BaseModel):
    """The versions in the store, newest first."""

    versions: list[VersionDescription]


class PointerDescription(BaseModel):
    """What current.json says after a rollback."""

    version: str = Field(examples=[_VERSION])
    previous: str | None
    promoted_at: datetime
    promoted_by: str = Field(examples=["api"])


class RunStarted(BaseModel):
    """A run of the trainer that was just started."""

    run_id: str = Field(examples=["5f0c9a7be1d2"])
    state: Literal[RunState.RUNNING]
    url: str = Field(description="Where to ask about it.", examples=["/api/model/runs/5f0c9a7be1d2"])


class RunDescription(BaseModel):
    """A run of the trainer: a process, or in a cluster a Job."""

    model_config = ConfigDict(from_attributes=True)

    run_id: str = Field(examples=["5f0c9a7be1d2"])
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None = Field(
        description="0 done, 1 failed, 64 bad settings, 65 bad data, 70 rolled back, 75 try again; -n: killed."
    )
    outcome: str | None = Field(
        description="promoted, rejected, published, rolled_back, invalid or failed.", examples=["promoted"]
    )
    version: str | None = Field(examples=[_VERSION])
    error: str | None = Field(description="The line that a failed run ended with.")
    messages: list[str] = Field(
        description="The end of its log; in a cluster, what it waits for.", examples=[["Loaded 8,014 purchase records"]]
    )


class RunLogLines(BaseModel):
    """What a run of the trainer logged."""

    lines: list[str] = Field(examples=[["2025-01-05T02:00:00Z INFO Loaded 8,014 purchase records"]])


class HealthReport(BaseModel):
    """health.json as the monitor wrote it: docs/reference.md, "The monitor's checks", says what is in it."""

    model_config = ConfigDict(extra="allow")


class Health(BaseModel):
    """The monitor's last report, and whether this server is ready."""

    status: Literal["HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN"]
    report: HealthReport | None = Field(description="Null where the monitor never wrote one.")
    ready: bool
    model_version: str | None = Field(examples=[_VERSION])
    problem: str | None


class Alive(BaseModel):
    """The process lives."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """This server should get requests; no model version: none was ever promoted."""

    status: Literal["ready"] = "ready"
    model_version: str | None = Field(examples=[_VERSION])


class WrongField(BaseModel):
    """One wrong value of a request."""

    field: str = Field(examples=["events[0].event"])
    problem: str = Field(examples=["input should be 'purchase' or 'view'"])
    given: str | None = Field(None, description="What was sent, cut short.", examples=["'cart'"])


class ProblemDescription(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(examples=["urn:recommender:problem:product_not_found"])
    title: str
    status: int = Field(examples=[404])
    code: str = Field(description="What to tell errors apart by.", examples=["product_not_found"])
    detail: str = Field(description="What was wrong this time.")
    errors: list[WrongField] = Field([], description="With `invalid_request` only: the first ten wrong values.")
    request_id: str | None = Field(
        None,
        description="The answer's X-Request-ID, which the server's log lines of it carry.",
        examples=["5f0c9a7be1d24c3f8a6b0d9e7c2f4a18"],
    )
    run_url: str | None = Field(None, description="With `run_in_progress` only: where to ask about that run.")
