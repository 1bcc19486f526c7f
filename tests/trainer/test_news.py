"""What the events that came since say of the model in service."""

import pytest

from tests.builders import a_model
from tests.trainer.evaluation.shops import Row, a_champion, events_of
from trainer.news import News, news_since

# The champion knows products 10 to 50.
ROWS: list[Row] = [(1, 10, 1), (1, 70, 2), (2, 20, 3), (2, 70, 4), (3, 80, 4), (3, 70, 5), (4, 50, 6)]


@pytest.mark.parametrize(
    ("until", "news"), [(0, News(7, 4)), (2, News(5, 3)), (4, News(2, 1)), (5, News(1, 0)), (6, News(0, 0))]
)
def test_events_behind_the_champions_newest_are_counted(until: float, news: News) -> None:
    assert news_since(a_champion(a_model(), until=until), events_of(ROWS)) == news


def test_without_a_champion_there_is_no_news() -> None:
    assert news_since(None, events_of(ROWS)).figures == {}
    assert news_since(a_champion(a_model(), until=0, data_until=None), events_of(ROWS)).figures == {}


def test_figures_are_those_that_the_history_holds() -> None:
    assert News(7, 4).figures == {"events_since_champion": 7, "unknown_products_share": 0.571429}
    assert News(0, 0).figures == {}
