import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.beyond_32_bits import main
from benchmarks.huge_shop import AISLES, FAMILIES, N_PRODUCTS, HugeShop
from benchmarks.measuring import CHECKOUT
from runtime.errors import Exit, TryAgainError
from trainer.arrays.scratch import IN_MEMORY
from trainer.matrix import build_user_items


def test_a_users_products_are_those_of_their_events() -> None:
    shop = HugeShop(300_000)
    user_items = build_user_items(shop.events(IN_MEMORY))
    assert user_items.shape == (300_000, N_PRODUCTS)
    assert set(np.diff(user_items.indptr)) == {AISLES}
    for user in (0, 1, 262_143, 262_144, 299_999):  # on either side of where events are written at once
        assert user_items[user].indices.tolist() == shop.products_of(user).tolist()


def test_a_quarter_of_what_users_have_is_of_one_family() -> None:
    shop = HugeShop(500)
    most = [np.unique(shop.products_of(user) % FAMILIES, return_counts=True)[1].max() for user in range(500)]
    assert np.mean(most) == pytest.approx(AISLES / 4, abs=0.5)


def test_a_small_shop_comes_out_as_it_was_generated_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["beyond", "--users", "500000", "--folder", str(tmp_path)])
    assert main() == Exit.DONE
    assert "as it was generated" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_model_that_lost_a_users_products_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    right = HugeShop.products_of
    monkeypatch.setattr(HugeShop, "products_of", lambda shop, user: right(shop, user + (user == shop.n_users - 1)))
    monkeypatch.setattr(sys, "argv", ["beyond", "--users", "200000", "--folder", str(tmp_path)])
    assert main() == Exit.FAILED
    assert "user 199999 has" in capsys.readouterr().out


def test_a_disk_without_room_is_said_in_a_line_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["beyond", "--users", str(10**12), "--folder", str(tmp_path)])
    with pytest.raises(TryAgainError, match=r"interactions need .* GB on the disk of"):
        main()


def test_nothing_is_left_where_it_is_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.beyond_32_bits", "--users", "3000000", "--folder", str(tmp_path)]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("events:")
            process.terminate()
            assert process.wait(60) == Exit.TRY_AGAIN
        finally:
            process.kill()
    assert not list(tmp_path.iterdir())
