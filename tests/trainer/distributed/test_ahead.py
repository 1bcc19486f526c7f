"""The next thing is made while the one before it is worked on, and no more than that."""

import threading

import pytest

from trainer.distributed.ahead import one_ahead


def test_all_are_given_in_order() -> None:
    assert list(one_ahead(str, range(5))) == ["0", "1", "2", "3", "4"]
    assert list(one_ahead(str, [])) == []


def test_next_one_is_made_while_one_is_worked_on_and_the_one_after_it_is_not() -> None:
    made = [threading.Event() for _ in range(4)]

    def make(number: int) -> int:
        made[number].set()
        return number

    for number in one_ahead(make, range(4)):
        if number < 3:
            assert made[number + 1].wait(10)
        assert not any(one.is_set() for one in made[number + 2 :])


def test_what_fails_is_raised_where_it_would_be_given() -> None:
    def make(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        return number

    given = one_ahead(make, range(4))
    assert [next(given), next(given)] == [0, 1]
    with pytest.raises(ValueError, match="2"):
        next(given)
