"""The catalogue that goes with a model: what the shop says of the products that have events, and of new ones."""

import logging
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.catalogue import NO_CATEGORY, NO_PRICE, Catalogue
from model.ids import Ids, IntegerIds, StringIds
from model.texts import Texts
from runtime.errors import BadDataError, BadSettingsError
from trainer.arrays.scratch import Scratch
from trainer.reading.catalogue import CatalogueRows, read_catalogue
from trainer.reading.queries import DEFAULT_CATALOGUE_SQL
from trainer.settings import TrainerSettings

_REMEDY: Final = "Mend CATALOGUE_SQL, or set it to an empty text: then there is no catalogue"
_ARE_THEY: Final = "Is it filled, and are its product_id those of the events?"

log = logging.getLogger(__name__)


def load_catalogue(settings: TrainerSettings, products: Ids, scratch: Scratch) -> Catalogue | None:
    """Read the catalogue and lay it out for these products; None where there is none that says anything of them.

    A shop need not have the tables of the default query. Raises BadSettingsError where a query of its own is wrong,
    BadDataError where a column of it cannot be used, TryAgainError where the database is not available.
    """
    rows = _rows(settings, scratch) if settings.catalogue_sql.strip() else None
    if rows is None:
        return None
    catalogue = laid_out(rows, products) if len(rows.ids) else None
    if catalogue is None or catalogue.n_listed == len(catalogue.new_products):
        log.warning("No catalogue: none of its %s products has an event. %s", f"{len(rows.ids):,}", _ARE_THEY)
        return None
    _tell(catalogue)
    return catalogue


def _rows(settings: TrainerSettings, scratch: Scratch) -> CatalogueRows | None:
    try:
        return read_catalogue(settings, scratch)
    except (BadSettingsError, BadDataError) as error:
        if settings.catalogue_sql == DEFAULT_CATALOGUE_SQL:
            log.info("No catalogue: %s. CATALOGUE_SQL may ask for one in other tables", error.message)
            return None
        raise type(error)(error.message, hint=error.hint if isinstance(error, BadDataError) else _REMEDY) from None


def _tell(catalogue: Catalogue) -> None:
    counts = {
        "catalogue_products": catalogue.n_listed,
        "categories": len(catalogue.categories),
        "new_products": len(catalogue.new_products),
    }
    log.info(
        "Loaded %s products of the catalogue (%s categories, %s without an event)",
        *(f"{count:,}" for count in counts.values()),
        extra=counts,
    )


def laid_out(rows: CatalogueRows, products: Ids) -> Catalogue:
    """Put the rows of products into these products' order, and those of new ones behind them in the order of ids."""
    items: NDArray[np.int32] = (
        pc.index_in(_as_text(rows.ids), value_set=_as_text(products)).fill_null(-1).to_numpy(zero_copy_only=False)
    )
    is_new = items < 0
    new = np.flatnonzero(is_new)
    n_rows = len(products) + len(new)
    row_of = np.full(n_rows, -1)
    row_of[np.where(is_new, len(products) + np.cumsum(is_new) - 1, items)] = np.arange(len(items))
    is_listed = row_of >= 0
    columns = rows.columns.take(pa.array(row_of, mask=~is_listed)).combine_chunks()
    categories, category = _coded(columns.column("category"))
    return Catalogue(
        new_products=rows.ids.take(new),
        listed=is_listed.astype(np.uint8),
        names=_texts(columns.column("name")),
        image_urls=_texts(columns.column("image_url")),
        categories=categories,
        category=category,
        price=columns.column("price").fill_null(NO_PRICE).to_numpy(),
        available=columns.column("available").fill_null(1).to_numpy(),
    )


def _as_text(ids: Ids) -> pa.Array:
    """Give ids as they are outside: an integer is its decimal form, so that 17 and "17" are one product."""
    if isinstance(ids, IntegerIds):
        return pa.array(ids.values).cast(pa.large_string())
    held = ids.arrays("ids")
    buffers = (pa.py_buffer(np.ascontiguousarray(held[f"ids.{part}"])) for part in ("offsets", "utf8"))
    return pa.LargeStringArray.from_buffers(len(ids), *buffers)


def _coded(names: pa.ChunkedArray) -> tuple[StringIds, NDArray[np.int32]]:
    """Give the categories in order, and each row's position in them."""
    found = pc.unique(names.drop_null())
    in_order = found.take(pc.sort_indices(found))
    category: NDArray[np.int32] = pc.index_in(names, value_set=in_order).fill_null(NO_CATEGORY).to_numpy()
    return StringIds.of(in_order.to_pylist()), category


def _texts(column: pa.ChunkedArray) -> Texts:
    texts = pa.concat_arrays(column.fill_null("").chunks)
    _, offsets, utf8 = texts.buffers()
    ends: NDArray[np.int64] = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return Texts(ends - ends[0], np.frombuffer(utf8 or b"", np.uint8)[ends[0] : ends[-1]])
