"""Small models and published versions for tests, made by the real code from readable input."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from model.catalogue import Catalogue
from model.codec import write_model
from model.figures import Figures
from model.golden import golden_answers
from model.histories import Histories
from model.ids import Ids, IntegerIds, StringIds
from model.model import Model
from model.neighbours import Neighbours
from model.texts import Texts
from registry.manifest import MODEL_FILE, FileEntry, Manifest, version_id
from registry.registry import Description, Registry

Rows = Mapping[int, Mapping[int, float]]


def integer_ids(values: list[int]) -> IntegerIds:
    return IntegerIds(np.array(values, np.int64))


def string_ids(values: list[str]) -> StringIds:
    return StringIds.of(sorted(values, key=str.encode))


def csr(rows: Rows, n_rows: int) -> tuple[list[int], list[int], list[float]]:
    """Lay out {row: {column: value}} as CSR, columns in the order given."""
    indptr, indices, values = [0], [], []
    for row in range(n_rows):
        indices += list(rows.get(row, {}))
        values += list(rows.get(row, {}).values())
        indptr.append(len(indices))
    return indptr, indices, values


def a_model(
    products: Ids | None = None,
    users: Ids | None = None,
    neighbours: Rows | None = None,
    histories: Rows | None = None,
    popularity: list[float] | None = None,
) -> Model:
    """A model of five products (10 to 50) and three users (1 to 3) unless told otherwise.

    Product 10 has neighbours 20 (0.9) and 30 (0.5); 20 has 10 (0.9); 30 has 10 (0.5); 40 and 50 have none.
    User 1 knows 10; user 2 knows 20 and 40; user 3 knows everything. Popularity falls from product 50 to 10.
    """
    products = products or integer_ids([10, 20, 30, 40, 50])
    users = users or integer_ids([1, 2, 3])
    near = csr(neighbours or {0: {1: 0.9, 2: 0.5}, 1: {0: 0.9}, 2: {0: 0.5}}, len(products))
    known = csr(histories or {0: {0: 1.0}, 1: {1: 2.0, 3: 0.3}, 2: dict.fromkeys(range(5), 1.0)}, len(users))
    return Model(
        products,
        users,
        Neighbours(np.array(near[0], np.int64), np.array(near[1], np.int32), np.array(near[2], np.float32)),
        Histories(np.array(known[0], np.int64), np.array(known[1], np.int32), np.array(known[2], np.float32)),
        np.array(popularity or range(1, len(products) + 1), np.float32),
    )


def a_catalogue() -> Catalogue:
    """What the shop says of a_model's products 10 to 50, and of 15 and 60, which are new.

    10, 30 and 60 are coffee and 15 is tea; 20 is in no category and cannot be bought; of 40 and 50 nothing is said.
    """
    return Catalogue(
        integer_ids([15, 60]),
        np.array([1, 1, 1, 0, 0, 1, 1], np.uint8),
        Texts.of(["Mokka", "", "Crème 🛒", "", "", "Sencha", "Espresso"]),
        Texts.of(["https://shop/10.png", "", "", "", "", "", ""]),
        string_ids(["Coffee", "Tea"]),
        np.array([0, -1, 0, -1, -1, 1, 0], np.int32),
        np.array([18.5, 0, -1, -1, -1, 4.25, 9], np.float32),
        np.array([1, 0, 1, 1, 1, 1, 1], np.uint8),
    )


def publish(
    registry: Registry,
    model: Model | None = None,
    *,
    promote: bool = True,
    event_weights: dict[str, float] | None = None,
    accepted: bool = True,
    as_of: datetime | None = None,
) -> str:
    """Publish a model, promote it unless told otherwise, and give its version."""
    model = model or a_model()

    def describe(created_at: datetime, entry: FileEntry) -> Description:
        manifest = Manifest(
            version=version_id(created_at, entry.sha256),
            created_at=created_at,
            data_until=created_at - timedelta(hours=2),
            recipe="cosine",
            settings={"min_co_occurrence": 5},
            events={"purchase": 8014, "view": 3173},
            event_weights=event_weights or {"purchase": 1.0, "view": 0.3},
            metrics=asdict(Figures.of(model)),
            accepted=accepted,
            as_of=as_of,
            golden=golden_answers(model),
            libraries={"numpy": np.__version__},
            files={MODEL_FILE: entry},
        )
        return Description(manifest)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        write_model(model, path)
        version = registry.publish(path, describe).version
    if promote:
        registry.promote(version, "test", registry.pointer_state())
    return version


def a_connected_model(step: int = 1) -> Model:
    """A model of 12 products in a ring, each with six neighbours, so that it has golden answers.

    With another `step` each product has others; products 0 to 11 and users 0 to 59 are the same.
    """
    n_products, n_users = 12, 60
    scores = {distance: 0.9 / (distance + step / 100) for distance in range(1, 7)}
    return a_model(
        products=integer_ids(list(range(n_products))),
        users=integer_ids(list(range(n_users))),
        neighbours={
            item: {(item + step * distance) % n_products: score for distance, score in scores.items()}
            for item in range(n_products)
        },
        histories={user: {(user + one) % n_products: 1.0 for one in range(3)} for user in range(n_users)},
    )
