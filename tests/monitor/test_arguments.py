"""Wrong arguments and settings are one line and exit code 64."""

import pytest

from tests.monitor.conftest import Command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the following arguments are required: --action"),
        (("--action", "healht"), "invalid choice: 'healht'"),
        (("--action", "health", "--format", "xml"), "invalid choice: 'xml'"),
        (("--action", "health", "--sharply"), "unrecognized arguments: --sharply"),
        (("--action",), "expected one argument"),
    ],
)
def test_wrong_argument_is_one_line_with_what_it_may_be(
    monitor: Command, caplog: pytest.LogCaptureFixture, arguments: tuple[str, ...], said: str
) -> None:
    ended = monitor(*arguments)
    (line,) = caplog.messages
    assert (ended.exit_code, ended.out) == (64, "")
    assert line.startswith("wrong arguments: ")
    assert said in line
    assert "python -m monitor [-h] --action {health,backups,runs,service}" in line


def test_wrong_setting_is_one_line_that_names_it(
    monitor: Command, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_MODEL_AGE_DAYS", "a week")
    assert monitor("--action", "health").exit_code == 64
    (line,) = caplog.messages
    assert line.startswith("wrong settings: MAX_MODEL_AGE_DAYS='a week': input should be a valid number")


def test_help_explains_the_arguments(monitor: Command) -> None:
    ended = monitor("--help")
    assert ended.exit_code == 0
    assert "--strict" in ended.out
