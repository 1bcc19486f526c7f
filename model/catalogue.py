"""What the shop says of its products: name, category, price, whether it can be bought, and where its picture is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.file_arrays import Arrays
from model.ids import Ids, StringIds
from model.texts import Texts

NO_CATEGORY: Final = -1
NO_PRICE: Final = -1.0


@dataclass(frozen=True)
class Catalogue:
    """Row i is of item i of the model; behind its items come `new_products`, which have no event yet, in their order.

    With n rows: `listed` uint8 (n,) is 1 where the shop's catalogue has the product and 0 where only events know it;
    then all else is unknown. An unknown name or image URL is empty. `categories` are those that there are, `category`
    int32 (n,) is a product's position in them, NO_CATEGORY where unknown. `price` float32 (n,) is in the shop's
    currency, NO_PRICE where unknown: a number, since a model file holds finite ones only. `available` uint8 (n,) is 0
    where the product cannot be bought, 1 where it can or nobody says.
    """

    new_products: Ids
    listed: NDArray[np.uint8]
    names: Texts
    image_urls: Texts
    categories: StringIds
    category: NDArray[np.int32]
    price: NDArray[np.float32]
    available: NDArray[np.uint8]

    @property
    def n_listed(self) -> int:
        """The number of products that the shop's catalogue has."""
        return int(np.count_nonzero(self.listed))

    @property
    def n_unavailable(self) -> int:
        """The number of products that cannot be bought."""
        return int(np.count_nonzero(self.available == 0))


def catalogue_arrays(catalogue: Catalogue | None) -> Arrays:
    """Give the arrays that hold a catalogue in a model file, none where there is none."""
    if catalogue is None:
        return {}
    return {
        **catalogue.new_products.arrays("catalogue.new_product_ids"),
        "catalogue.listed": catalogue.listed,
        **catalogue.names.arrays("catalogue.names"),
        **catalogue.image_urls.arrays("catalogue.image_urls"),
        **catalogue.categories.arrays("catalogue.categories"),
        "catalogue.category": catalogue.category,
        "catalogue.price": catalogue.price,
        "catalogue.available": catalogue.available,
    }
