"""One query for each kind of event, and one for the catalogue: the shop's own SQL, or that of the default schema."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from trainer.signal_settings import Quantity

COLUMNS: Final = ("user_id", "product_id", "occurred_at")
WEIGHT_COLUMN: Final = "weight"
QUANTITY_COLUMN: Final = "quantity"

DEFAULT_SQL: Final = {
    "purchase": (
        "SELECT o.user_id AS user_id, i.product_id AS product_id, o.created_at AS occurred_at, i.quantity AS quantity "
        "FROM orders o JOIN order_items i ON i.order_id = o.id WHERE COALESCE(o.status, '') <> 'cancelled'"
    ),
    "view": "SELECT user_id, product_id, viewed_at AS occurred_at FROM product_views",
}
REQUIRED_KIND: Final = "purchase"
DEFAULT_CATALOGUE_SQL: Final = "SELECT id AS product_id, name, category, price, is_active AS available FROM products"

# Far beyond any sense, and far below where sums of float32 overflow.
_LARGEST_WEIGHT: Final = 1e6
Weight = Annotated[float, Field(ge=0, le=_LARGEST_WEIGHT, allow_inf_nan=False)]


class EventSettings(BaseModel):
    """What EVENTS may say of one kind: its SQL, its weight, whether a run needs at least one such event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sql: str | None = None
    weight: Weight | None = None
    required: bool = False


@dataclass(frozen=True)
class EventQuery:
    """A query that gives user_id, product_id, occurred_at and, where it likes, a weight and a quantity for each row.

    An event weighs `weight` times its row's own weight times what `quantity` makes of its row's quantity.
    """

    kind: str
    sql: str
    weight: float
    required: bool
    quantity: Quantity

    @property
    def optional_columns(self) -> tuple[str, ...]:
        """The columns that it may give besides: a quantity that does not count is not read."""
        return (WEIGHT_COLUMN,) if self.quantity == "ignore" else (WEIGHT_COLUMN, QUANTITY_COLUMN)

    def selecting(self, columns: tuple[str, ...]) -> str:
        """Give SQL that yields just these columns of the query, in this order."""
        return selecting(self.sql, columns)

    @property
    def bare_sql(self) -> str:
        """The query without what may not stand in a subquery."""
        return bare(self.sql)


def bare(sql: str) -> str:
    """Give SQL without what may not stand in a subquery."""
    return sql.strip().rstrip(";").rstrip()


def selecting(sql: str, columns: tuple[str, ...]) -> str:
    """Give SQL that yields just these columns of other SQL, in this order."""
    chosen = ", ".join(f"q.{column}" for column in columns)
    return f"SELECT {chosen} FROM ({bare(sql)}) AS q"  # noqa: S608 (the SQL is the shop's own setting)


def event_queries(
    settings: dict[str, EventSettings], default_weights: dict[str, float], quantity: Quantity
) -> list[EventQuery]:
    """Join EVENTS with the default kinds, in a fixed order.

    Raises ValueError, which names the kind, where a kind has no SQL or no weight.
    """
    kinds = [*DEFAULT_SQL, *sorted(settings.keys() - DEFAULT_SQL.keys())]
    return [_event_query(kind, settings.get(kind, EventSettings()), default_weights, quantity) for kind in kinds]


def _event_query(
    kind: str, settings: EventSettings, default_weights: dict[str, float], quantity: Quantity
) -> EventQuery:
    sql = settings.sql or DEFAULT_SQL.get(kind)
    weight = default_weights.get(kind) if settings.weight is None else settings.weight
    if not sql or weight is None:
        raise ValueError(f"the kind {kind!r} needs both sql and weight")
    return EventQuery(kind, sql, weight, settings.required or kind == REQUIRED_KIND, quantity)
