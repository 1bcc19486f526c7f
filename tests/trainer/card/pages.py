"""Cards for tests, and what a browser would make of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, Final

import numpy as np

from model.model import Model
from registry.history import Outcome, Run
from registry.manifest import MODEL_FILE, FileEntry, Manifest
from tests.builders import a_model
from trainer.card import RecommendationShares, render_card

NOW: Final = datetime(2025, 1, 5, 2, tzinfo=UTC)
VERSION: Final = "20250105T020000Z-00000001"
STEPS: Final = {"extract": 1.25, "build": 0.5}
_VOID: Final = {"br", "circle", "link", "meta", "path", "rect"}
Attributes = dict[str, str]


def interval(mean: float, low: float, high: float) -> dict[str, float]:
    return {"mean": mean, "low": low, "high": high}


def a_side(mean: float = 0.2, spread: float = 0.01) -> dict[str, Any]:
    names = ("recall", "precision", "ndcg", "hit_rate")
    return {name: interval(mean, mean - spread, mean + spread) for name in names}


def a_holdout(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of a holdout)
    """The candidate is surely better than popularity, and as good as the champion."""
    return {
        "k": 10,
        "cut": "2024-12-29T02:00:00+00:00",
        "cut_by": "champion",
        "n_users": 1000,
        "n_left_out": 20,
        "n_new_users": 3,
        "n_sampled_from": 4500,
        "candidate": {**a_side(0.2345), "coverage": 0.75, "concentration": 0.5},
        "champion": {**a_side(0.2), "coverage": 0.7, "concentration": 0.5},
        "popularity": {**a_side(0.1), "coverage": 0.01, "concentration": 0.99},
        "against_champion": a_side(0.001, 0.002),
        "against_popularity": a_side(0.05, 0.01),
        "champion_note": "as it is served",
        **fields,
    }


def a_ruling(rule: str = "champion", verdict: str = "passed", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (likewise)
    row = {"rule": rule, "action": "reject", "threshold": 0.05, "measured": 0.0123, "verdict": verdict}
    return {**row, "sentence": f"What {rule} says.", **fields}


def a_manifest(**fields: Any) -> Manifest:  # noqa: ANN401 (fields of Manifest)
    known: dict[str, Any] = {
        "version": VERSION,
        "created_at": NOW,
        "data_until": NOW - timedelta(hours=3),
        "recipe": "cosine",
        "settings": {"min_co_occurrence": 5, "trainer_class": "trainer:ModelTrainer"},
        "events": {"purchase": 1_234_567, "view": 89},
        "event_weights": {"purchase": 1.0, "view": 0.3},
        "data": {"busiest_users_share": 0.02, "commonest_second_share": 0.001, "related_products_share": 0.6},
        "metrics": {"n_users": 3210, "n_products": 5, "n_interactions": 8, "sparsity": 0.98765, "avg_similarity": 0.7},
        "holdout": a_holdout(),
        "gate": [a_ruling()],
        "libraries": {"numpy": "2.4.6"},
        "files": {MODEL_FILE: FileEntry(size=12_345_678, sha256="0" * 64)},
    }
    return Manifest(**(known | fields))


def a_run(days_ago: int, **fields: Any) -> Run:  # noqa: ANN401 (fields of Run)
    made_at = NOW - timedelta(days=days_ago)
    known: dict[str, Any] = {
        "timestamp": made_at,
        "outcome": Outcome.PROMOTED,
        "duration_seconds": 1.0,
        "version": f"{made_at:%Y%m%dT%H%M%SZ}-00000000",
        "holdout": a_holdout(),
        "sparsity": 0.98,
        "data": {"related_products_share": 0.5},
    }
    return Run(**(known | fields))


def shares(recommended: list[int] | None = None) -> RecommendationShares:
    counts = np.array(recommended or [0, 1, 0, 5, 9], np.int64)
    return RecommendationShares(np.arange(1, len(counts) + 1, dtype=np.float32), counts)


def card(
    manifest: Manifest | None = None,
    *runs: Run,
    model: Model | None = None,
    recommended: RecommendationShares | None = None,
) -> "Page":
    """Render a card, and read it as a browser does."""
    return read(render_card(manifest or a_manifest(), model or a_model(), runs, recommended or shares(), STEPS))


@dataclass
class Page:
    """A page: its elements in order, its visible text, and the text below each id or element of a kind."""

    html: str
    elements: list[tuple[str, Attributes]] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text but the stylesheet's, with single spaces."""
        return _joined(text for path, text in self.texts if "style" not in path)

    def of(self, tag: str) -> list[Attributes]:
        """Give the attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text_in_style(self) -> str:
        """Give the stylesheet as it is written."""
        return "".join(text for path, text in self.texts if "style" in path)

    def text_in(self, tag: str) -> str:
        """Give the text below elements of a kind."""
        return _joined(text for path, text in self.texts if tag in path)


def _joined(texts: Any) -> str:  # noqa: ANN401 (an iterable of str)
    return " ".join(" ".join(texts).split())


class _Reader(HTMLParser):
    """Reads strictly: what is opened is closed, in order."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.open = page, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} names an attribute twice"
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.page.texts.append((tuple(self.open), data))


def read(html: bytes) -> Page:
    """Read a page; fails where its elements do not nest."""
    page = Page(html.decode())
    reader = _Reader(page)
    reader.feed(page.html)
    reader.close()
    assert reader.open == []
    return page
