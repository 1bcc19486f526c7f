"""A sample shop and a training on it, in the trainer's image."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.images.containers import Image

SHOP: Final = {"DATABASE_URL": "sqlite:////tmp/shop.db", "STORE_URL": "file:///tmp/store"}


@dataclass(frozen=True)
class Shop:
    """What a training said and how long its steps took; the store is `store` below the image's /tmp."""

    image: Image
    version: str
    output: str
    seconds_by_step: Mapping[str, float]


def trained(image: Image) -> Shop:
    """Fill the shop and train on it once, with Numba telling what it does with its cache."""
    filled = image.run("-m", "trainer", "sample-shop", env=SHOP)
    assert filled.returncode == 0, filled.stderr
    ended = image.run("-m", "trainer", env={"NUMBA_DEBUG_CACHE": "1", **SHOP})
    assert ended.returncode == 0, ended.stderr
    entries = [json.loads(line) for line in ended.stderr.splitlines() if line.startswith("{")]
    (version,) = {entry["version"] for entry in entries if entry.get("outcome") == "promoted"}
    (seconds,) = (entry["seconds_by_step"] for entry in entries if "seconds_by_step" in entry)
    return Shop(image, version, ended.stdout, seconds)
