"""Two trainers at once, each in a process of its own: one promotes, and no old one overwrites a newer."""

from pathlib import Path
from typing import Final

import pytest

from registry.pointer import LostRaceError
from registry.registry import Registry
from registry.settings import StoreSettings, open_store
from runtime.errors import Exit
from tests.builders import publish
from tests.registry.racing import race_processes

N_TRAINERS: Final = 4
ROUNDS: Final = 5
# Each sees current.json, then trains, then promotes. Who comes last in one round began with what the first replaced.
TRAINER = """
from registry.pointer import LostRaceError
from registry.registry import Registry
from registry.settings import StoreSettings, open_store
from tests.builders import a_model, publish
registry, won = Registry(open_store(StoreSettings.load(store_url=URL))), []
start()
for number in range(ROUNDS):
    seen = registry.pointer_state()
    version = publish(registry, a_model(popularity=[me + 1.0, number + 1.0, 1.0, 1.0, 1.0]), promote=False)
    try:
        won.append([version, registry.promote(version, f"trainer {me}", seen).previous])
    except LostRaceError:
        pass
print(json.dumps(won))
"""


@pytest.fixture(params=["files", "s3"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "files":
        return (tmp_path / "store").as_uri()
    return str(request.getfixturevalue("s3_settings"))


@pytest.fixture
def registry(store_url: str) -> Registry:
    return Registry(open_store(StoreSettings.load(store_url=store_url)))


def test_promotions_of_trainers_at_once_are_one_chain(registry: Registry, store_url: str, tmp_path: Path) -> None:
    """Whoever won saw what the winner before it left: had one overwritten what it never saw, the chain would fork."""
    first = publish(registry)
    script = TRAINER.replace("URL", repr(store_url), 1).replace("ROUNDS", str(ROUNDS))
    won = [one for mine in race_processes(script, tmp_path, N_TRAINERS) for one in mine]
    before = {str(version): str(previous) for version, previous in won}
    assert len(set(before.values())) == len(before) >= ROUNDS
    pointer = registry.current()
    assert pointer is not None
    chain = [pointer.version]
    while chain[-1] != first:
        chain.append(before[chain[-1]])
    assert set(chain) == {first, *before}


def test_old_trainer_never_overwrites_a_newer_one_though_the_same_version_is_back(
    registry: Registry, tmp_path: Path
) -> None:
    first = publish(registry)
    seen = registry.pointer_state()
    publish(registry)
    registry.roll_back(first, "ann", tmp_path)
    old = publish(registry, promote=False)
    with pytest.raises(LostRaceError) as raised:
        registry.promote(old, "trainer", seen)
    assert raised.value.exit_code == Exit.TRY_AGAIN
    pointer = registry.current()
    assert pointer is not None
    assert (pointer.version, pointer.promoted_by) == (first, "ann")


@pytest.mark.parametrize("is_first_ever", [True, False])
def test_version_that_the_store_does_not_hold_is_not_promoted(registry: Registry, is_first_ever: bool) -> None:
    if not is_first_ever:
        publish(registry)
    before = registry.pointer_state()
    for name in ("20250105T020000Z-1f3c9a2e", "latest"):
        with pytest.raises(LostRaceError, match=f"the store does not hold {name}, .*it was not promoted"):
            registry.promote(name, "ann", before)
    assert registry.pointer_state() == before
    assert not [info.key for info in registry.store.list("models/") if "promoting" in info.key]


def test_half_of_an_upload_is_not_promoted(registry: Registry) -> None:
    registry.store.put("models/20250105T020000Z-1f3c9a2e/model.safetensors", b"half")
    with pytest.raises(LostRaceError, match="does not hold"):
        registry.promote("20250105T020000Z-1f3c9a2e", "ann", registry.pointer_state())
    assert registry.current() is None
