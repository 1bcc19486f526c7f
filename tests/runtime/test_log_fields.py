"""Fields of every line that is written while something is under way."""

import asyncio
import json
import logging
from typing import Any

import pytest

from runtime import log_fields
from runtime.logs import set_up_logging
from runtime.settings import Settings

log = logging.getLogger("tests")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_has_the_fields_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings.load(log_format="json"))
    log.info("before")
    entered = log_fields.enter({"request_id": "mine"})
    logging.getLogger("another").warning("meanwhile")
    log_fields.leave(entered)
    log.info("after")
    assert [line.get("request_id") for line in lines(capsys)] == [None, "mine", None]


def test_tasks_do_not_see_each_others_fields_and_their_threads_see_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logging(Settings.load(log_format="json"))

    async def work(name: str) -> None:
        log_fields.enter({"request_id": name})
        for _ in range(3):
            await asyncio.sleep(0.001)
            await asyncio.to_thread(log.info, name)

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(both())
    told = [(line["message"], line["request_id"]) for line in lines(capsys)]
    assert sorted(told) == [("a", "a")] * 3 + [("b", "b")] * 3


def test_a_person_sees_which_request_a_line_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(Settings.load(log_format="human"))
    entered = log_fields.enter({"request_id": "mine"})
    log.warning("slow")
    log_fields.leave(entered)
    assert capsys.readouterr().err == "WARNING: slow [mine]\n"
