"""What was damaged is set aside to be looked at, the newest few only."""

import hashlib
from typing import Final

from registry.objects import ObjectStore

KEPT_ASIDE: Final = 3


def set_aside(store: ObjectStore, key: str, body: bytes) -> None:
    """Keep a damaged object's bytes beside it, and those that were kept before, up to three in all.

    The name is made from the bytes, so that writers who meet the same damage at the same moment keep it once.
    """
    store.put(f"{key}.damaged-{hashlib.sha256(body).hexdigest()[:12]}", body)
    kept = sorted(store.list(f"{key}.damaged-"), key=lambda info: info.modified_at)
    for info in kept[:-KEPT_ASIDE]:
        store.delete(info.key)
