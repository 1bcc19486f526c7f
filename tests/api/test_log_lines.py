import json
import logging

import pytest

from api.log_lines import as_json
from runtime.logs import JsonFormatter


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("é\n", "é\n"),
        (2**70, 2**70),
        ({1: "a"}, {"1": "a"}),
        (ValueError("no"), "no"),
        ("\udcff", "\udcff"),
        ([1.5, None, True], [1.5, None, True]),
    ],
)
def test_whatever_a_line_is_given_is_told_on_one_line_of_json(value: object, read: object) -> None:
    record = logging.makeLogRecord({"msg": "told", "levelname": "INFO", "given": value})
    line = JsonFormatter(as_json).format(record)
    assert "\n" not in line
    assert json.loads(line) == json.loads(JsonFormatter().format(record))
    assert json.loads(line)["given"] == read
