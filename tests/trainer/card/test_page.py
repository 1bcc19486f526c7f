"""A card is one file that nothing can get into or out of, and the same for the same input."""

import base64
import hashlib
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from model.histories import Histories
from model.model import Model
from model.neighbours import Neighbours
from tests.builders import a_model, integer_ids, string_ids
from tests.trainer.card.pages import STEPS, Page, a_holdout, a_manifest, a_ruling, a_run, card, shares
from trainer.card import RecommendationShares, render_card

ROOT = Path(__file__).parents[3]
HOSTILE = '</style></title></svg><script>alert(1)</script><img src=http://evil.example/x onerror="alert(2)">\'&{{7*7}}'


@pytest.fixture(scope="module")
def page() -> Page:
    return card(None, a_run(2), a_run(1))


def test_nothing_is_taken_from_elsewhere(page: Page) -> None:
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "href", "xlink:href", "data", "action", "poster"} & attributes.keys(), tag
        assert tag not in {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
    for reference in ("://", "url(", "@import", "@font-face", "//fonts", "xmlns"):
        assert reference not in page.html


def test_nothing_runs(page: Page) -> None:
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag


def test_the_policy_lets_in_this_stylesheet_and_nothing_else(page: Page) -> None:
    style = page.text_in_style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_ids_are_unique_and_labels_refer_to_them(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = {name for _, each in page.elements for name in each.get("aria-labelledby", "").split()}
    assert referred <= set(ids)


def test_tables_have_captions_and_headers_have_scopes(page: Page) -> None:
    assert len(page.of("caption")) == len(page.of("table")) > 4
    assert all("scope" in header for header in page.of("th"))


def test_headings_skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_whatever_a_shop_writes_stays_text() -> None:
    side = {"by": HOSTILE, "reason": HOSTILE}
    manifest = a_manifest(
        recipe=HOSTILE,
        settings={HOSTILE: HOSTILE, "list": [HOSTILE]},
        events={HOSTILE: 1},
        event_weights={HOSTILE: 1.0},
        libraries={HOSTILE: HOSTILE},
        gate=[a_ruling(HOSTILE, HOSTILE, sentence=HOSTILE, action=HOSTILE), a_ruling(HOSTILE, "rejected")],
        accepted=False,
        forced=side,
        holdout=a_holdout(champion_note=HOSTILE, cut=HOSTILE, cut_by=HOSTILE),
    )
    products = string_ids([f"{number}{HOSTILE}" for number in range(6)])
    model = a_model(products, neighbours={0: dict.fromkeys(range(1, 6), 0.5)})
    run = a_run(1, version=HOSTILE)
    page = card(manifest, run, model=model)
    assert not page.of("script")
    assert not page.of("img")
    assert len(page.of("style")) == 1
    assert page.text.count("alert(1)") > 20
    assert "{{7*7}}" in page.text
    assert page.elements[: len(page.of("meta"))] == card().elements[: len(page.of("meta"))]


def test_lone_surrogates_do_not_stop_a_run() -> None:
    assert "why ?" in card(a_manifest(forced={"by": "x", "reason": "why \ud800"}, accepted=False)).text


def test_equal_input_gives_equal_bytes_in_every_process() -> None:
    code = (
        "import hashlib; from tests.trainer.card.pages import *;"
        "print(hashlib.sha256(card(None, a_run(2), a_run(1)).html.encode()).hexdigest())"
    )
    command = [sys.executable, "-c", code]
    digests = {subprocess.check_output(command, cwd=ROOT, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2")}
    digests.add(hashlib.sha256(card(None, a_run(2), a_run(1)).html.encode()).hexdigest().encode() + b"\n")
    assert len(digests) == 1


def test_the_history_is_drawn_whatever_its_numbers() -> None:
    odd = a_holdout(candidate={"ndcg": {"mean": float("nan")}}, popularity={"ndcg": {"mean": float("inf")}})
    assert card(None, a_run(1, holdout=odd, sparsity=1.0), a_run(1, sparsity=0.9999999))


def test_a_card_of_a_million_products_is_small() -> None:
    rng = np.random.default_rng(0)
    n, k = 1_000_000, 2
    items = rng.integers(0, n, n * k).astype(np.int32)
    near = Neighbours(np.arange(0, n * k + 1, k, dtype=np.int64), items, rng.random(n * k, np.float32))
    known = Histories(np.array([0, 1], np.int64), np.array([0], np.int32), np.ones(1, np.float32))
    popularity = (1 / np.arange(1, n + 1)).astype(np.float32)
    model = Model(integer_ids(list(range(n))), integer_ids([1]), near, known, popularity)
    recommended = RecommendationShares(popularity, rng.poisson(popularity * 1000).astype(np.int64))
    runs = [a_run(days) for days in range(1000, 0, -1)]
    assert len(render_card(a_manifest(), model, runs, recommended, STEPS)) < 300_000


@pytest.mark.parametrize("recommended", [[3], [1, 0], [5, 5, 5], [10**9, 0, 0, 1]])
def test_shares_are_drawn_however_few_they_are(recommended: list[int]) -> None:
    assert "plot-popularity" in card(recommended=shares(recommended)).html


def test_nobody_got_a_recommendation_is_said() -> None:
    nobody = RecommendationShares(np.ones(3, np.float32), np.zeros(3, np.int64))
    assert "no popular product was recommended" in card(recommended=nobody).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "colour", ["ink", "soft", "passed", "warned", "rejected", "candidate", "popularity", "related"]
)
def test_text_stands_out_from_page_and_panel(page: Page, scheme: str, colour: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of 4.5 at least."""
    colours = dict(re.findall(r"--(\w+): (#\w{6});", page.text_in_style().split("@media")[scheme == "dark"]))
    for ground in ("page", "panel"):
        lighter, darker = sorted((_luminance(colours[colour]), _luminance(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_importing_the_card_loads_no_plotting_library() -> None:
    code = "import sys, trainer.card; print([name for name in ('pygal', 'jinja2') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "[]\n"


def test_template_and_stylesheet_are_package_data() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    files = {path.name for path in (ROOT / "trainer" / "card").iterdir() if path.suffix not in {".py", ""}}
    assert files == set(project["tool"]["setuptools"]["package-data"]["trainer.card"]) == {"card.css", "card.html.j2"}
