"""Faults of what the store holds: damaged, edited, removed, or of last week."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from model.golden import GoldenAnswer
from registry.history import HEALTH_KEY, HISTORY_KEY, Outcome, Run
from registry.layout import folder_of, manifest_key
from registry.manifest import MODEL_FILE, Manifest
from registry.pointer import CURRENT_KEY
from tests.builders import a_model, integer_ids, publish
from tests.e2e.shop import Shop

Change = Callable[[bytes], bytes | None]

_NO_VERSION: Final = "20250105T020000Z-1f3c9a2e"
_NIGHTS: Final = 8
_ANYTHING: Final = {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}
_BUT_THE_REPORT: Final = {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": [f"arn:aws:s3:::*/{HEALTH_KEY}"]}


@contextmanager
def changed(shop: Shop, key: str, change: Change) -> Iterator[None]:
    """Have an object changed, or removed where `change` gives None; in the end it is as it was."""
    with shop.registry() as registry:
        body = registry.store.get(key).body
        try:
            new = change(body)
            registry.store.delete(key) if new is None else registry.store.put(key, new)
            yield
        finally:
            registry.store.put(key, body)


def damaged_pointer(shop: Shop) -> AbstractContextManager[None]:
    """Have a current.json that was cut off."""
    return changed(shop, CURRENT_KEY, lambda body: body[:20])


def no_pointer(shop: Shop) -> AbstractContextManager[None]:
    """Have no current.json: somebody removed it."""
    return changed(shop, CURRENT_KEY, lambda _: None)


def pointer_to_nothing(shop: Shop) -> AbstractContextManager[None]:
    """Have a current.json that somebody edited: there is no such version."""
    return changed(shop, CURRENT_KEY, lambda body: _with(body, version=_NO_VERSION))


def damaged_model(shop: Shop) -> AbstractContextManager[None]:
    """Have another byte in the artifact of the model in service."""
    key = f"{folder_of(shop.current_version())}{MODEL_FILE}"
    return changed(shop, key, lambda body: body[:-1] + bytes([body[-1] ^ 1]))


def edited_manifest(shop: Shop) -> AbstractContextManager[None]:
    """Have another recipe in the manifest of the model in service."""
    return changed(shop, manifest_key(shop.current_version()), lambda body: _with(body, recipe="jaccard"))


def no_previous(shop: Shop) -> AbstractContextManager[None]:
    """Have no version to go back to: somebody removed it."""
    return changed(shop, manifest_key(previous_version(shop)), lambda _: None)


def damaged_history(shop: Shop) -> AbstractContextManager[None]:
    """Have a metrics.json that was cut off."""
    return changed(shop, HISTORY_KEY, lambda body: body[:100])


def other_answers(shop: Shop) -> AbstractContextManager[None]:
    """Have a model that answered otherwise when it was made, as another program does with the same bytes."""
    return _remade(shop, lambda made: {"golden": tuple(_turned(one) for one in made.golden)})


def model_of_last_week(shop: Shop) -> AbstractContextManager[None]:
    """Have a model in service that was made eight days ago."""
    return _remade(shop, lambda made: {"created_at": made.created_at - timedelta(days=8)})


def nights_that_get_worse(shop: Shop) -> AbstractContextManager[None]:
    """Have a history of eight nights: longer each, of fewer interactions, of worse lists, and of the same events."""
    nights = [_night(number).model_dump(mode="json") for number in range(_NIGHTS)]
    return changed(shop, HISTORY_KEY, lambda _: json.dumps(nights).encode())


@contextmanager
def tiny_model(shop: Shop) -> Iterator[None]:
    """Have a current.json that names a model of next to nothing, which another program published."""
    users = {user: {user % 5: 1.0} for user in range(6)}
    products, alone = integer_ids(list(range(5))), a_model(histories={}).neighbours
    tiny = a_model(products, integer_ids(list(users)), histories=users)
    nobody = replace(alone, indptr=alone.indptr * 0, indices=alone.indices[:0], scores=alone.scores[:0])
    with changed(shop, CURRENT_KEY, lambda body: body), shop.registry() as registry:
        publish(registry, replace(tiny, neighbours=nobody))
        yield


@contextmanager
def unwritable_report(shop: Shop) -> Iterator[dict[str, str]]:
    """Have keys of the store for the monitor that may do everything but write health.json."""
    yield shop.limited_keys({"Version": "2012-10-17", "Statement": [_ANYTHING, _BUT_THE_REPORT]})


def previous_version(shop: Shop) -> str:
    """Give the version that was in service before."""
    with shop.registry() as registry:
        pointer = registry.current()
    assert pointer
    assert pointer.previous
    return pointer.previous


def _with(body: bytes, **edited: object) -> bytes:
    return json.dumps({**json.loads(body), **edited}).encode()


def _remade(shop: Shop, edit: Callable[[Manifest], dict[str, Any]]) -> AbstractContextManager[None]:
    """Have another manifest of the model in service, which is signed as one that a trainer wrote."""
    version = shop.current_version()

    def change(body: bytes) -> bytes:
        made = Manifest.from_json(version, body)
        return made.model_copy(update=edit(made)).to_json()

    return changed(shop, manifest_key(version), change)


def _turned(answer: GoldenAnswer) -> GoldenAnswer:
    return GoldenAnswer(answer.product_id, answer.similar[::-1], answer.scores)


def _night(number: int) -> Run:
    rate = {"mean": 0.5 - number / 20, "low": 0.0, "high": 1.0}
    return Run(
        timestamp=datetime.now(UTC) - timedelta(days=_NIGHTS - number),
        outcome=Outcome.PROMOTED,
        duration_seconds=60.0 * (1 + number),
        n_users=100,
        n_products=50,
        n_interactions=4000 - 300 * number,
        events={"purchase": 8000, "view": 3000},
        holdout={"cut_by": "window", "candidate": {"ndcg": rate}},
    )
