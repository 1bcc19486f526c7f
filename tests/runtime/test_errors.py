"""Errors say what to do on one line, and carry the exit code that Kubernetes acts on."""

import pytest

from runtime.errors import BadDataError, BadSettingsError, Exit, RecommenderError, TryAgainError


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(RecommenderError, 1), (BadSettingsError, 64), (BadDataError, 65), (TryAgainError, 75)],
)
def test_exit_codes_are_those_of_the_pod_failure_policy(error: type[RecommenderError], exit_code: int) -> None:
    assert error("wrong").exit_code == exit_code
    assert Exit.DONE.value == 0


def test_hint_follows_the_message() -> None:
    assert str(RecommenderError("it is wrong", hint="Mend it")) == "it is wrong. Mend it"
    assert str(RecommenderError("it is wrong")) == "it is wrong"


def test_message_of_a_driver_becomes_one_line_with_one_full_stop() -> None:
    error = RecommenderError("driver says:\n\tAccess\r\n  denied.\n", hint="Check\nthe password")
    assert str(error) == "driver says: Access denied. Check the password"
