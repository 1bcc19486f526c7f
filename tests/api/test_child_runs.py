import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.child_runs import ChildRuns
from api.run_log import read_log
from api.training_runs import RunState, RunUnderWayError, TrainerMissingError, TrainingRun
from registry.registry import Registry
from tests.api.conftest import Serve
from tests.api.live import ADMIN, REPOSITORY, ThreadServer, wait_until
from tests.builders import publish

NEW_VERSION = "20250105T020000Z-1f3c9a2e"
FINISHED = {"message": "TRAINING COMPLETED", "event": "run_finished", "outcome": "promoted", "version": NEW_VERSION}
ENDED = {"message": "cannot reach the database", "event": "ended", "exit_code": 75}


def python(code: str) -> list[str]:
    """A trainer of a few lines: `say` writes a line of its log."""
    start = "import json, os, signal, sys, time\ndef say(line): sys.stderr.write(json.dumps(line) + '\\n')\n"
    return [sys.executable, "-S", "-c", start + code]


class Runs(ChildRuns):
    """Runs that remember whether they told of an end."""

    def __init__(self, command: list[str] | None, grace_seconds: float = 10.0) -> None:
        self.ends = 0
        super().__init__(command, self._note_end, grace_seconds)

    def _note_end(self) -> None:
        self.ends += 1

    def finish(self) -> TrainingRun:
        run_id = self.start()
        wait_until(lambda: self.ends > 0)
        run = self.get(run_id)
        assert run is not None
        return run


def test_a_run_that_ends_well_tells_its_outcome_and_version() -> None:
    run = Runs(python(f"say({{'message': 'Connecting'}}); say({FINISHED})")).finish()
    assert (run.state, run.exit_code, run.outcome, run.version) == (RunState.SUCCEEDED, 0, "promoted", NEW_VERSION)
    assert run.messages == ["Connecting", "TRAINING COMPLETED"]
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at
    assert run.error is None


def test_a_rejected_candidate_is_a_run_that_succeeded() -> None:
    rejected = {**FINISHED, "outcome": "rejected", "version": None}
    run = Runs(python(f"say({rejected})")).finish()
    assert (run.state, run.outcome, run.version) == (RunState.SUCCEEDED, "rejected", None)


def test_a_run_that_fails_tells_its_exit_code_and_last_line() -> None:
    run = Runs(python(f"say({ENDED}); sys.exit(75)")).finish()
    assert (run.state, run.exit_code, run.error) == (RunState.FAILED, 75, "cannot reach the database")


def test_a_run_that_crashes_tells_the_end_of_its_trace() -> None:
    run = Runs(python("raise ValueError('a bug')")).finish()
    assert (run.state, run.exit_code, run.error) == (RunState.FAILED, 1, "ValueError: a bug")


def test_a_run_that_was_killed_failed() -> None:
    run = Runs(python("os.kill(os.getpid(), signal.SIGKILL)")).finish()
    assert (run.state, run.exit_code, run.error) == (RunState.FAILED, -9, None)


def test_a_command_that_does_not_exist_is_told() -> None:
    runs = Runs(["/no/such/program"])
    with pytest.raises(TrainerMissingError, match="No such file"):
        runs.start()
    with pytest.raises(TrainerMissingError):
        runs.start()


def test_a_trainer_gets_json_logs_and_no_input() -> None:
    run = Runs(python("say({'message': os.environ['LOG_FORMAT'] + repr(sys.stdin.read())})")).finish()
    assert run.messages == ["json''"]


def test_only_the_end_of_a_long_log_is_kept() -> None:
    run = Runs(python("[say({'message': 'x' * 1000 + str(n)}) for n in range(2000)]; say({'message': 'end'})")).finish()
    assert len(run.messages) == 50
    assert run.messages[-1] == "end"
    assert max(map(len, run.messages)) == 500


def test_no_half_line_is_given_where_a_long_log_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(json.dumps({"message": f"{number} {'x' * 30_000}"}) + "\n" for number in range(20)))
    with path.open("rb") as file:
        said = read_log(file.fileno())
    assert [message.split()[0] for message in said.messages] == [str(number) for number in range(12, 20)]


def test_a_log_that_is_not_json_is_told_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"plain\n\n[1]\n{\n\xff\n" + b"[" * 2000 + b"\n" + json.dumps(FINISHED).encode())
    with path.open("rb") as file:
        said = read_log(file.fileno())
    assert said.messages[:4] == ["plain", "[1]", "{", "\ufffd"]
    assert (said.outcome, said.version) == ("promoted", NEW_VERSION)


def test_only_one_run_goes_at_a_time() -> None:
    runs = Runs(python("time.sleep(30)"))
    first = runs.start()
    with pytest.raises(RunUnderWayError, match=first):
        runs.start()
    runs.stop()
    second = runs.start()
    assert second != first
    runs.stop()


def test_only_the_newest_runs_are_remembered() -> None:
    runs = Runs(["/bin/true"])
    ids = []
    for count in range(1, 23):
        ids.append(runs.start())
        wait_until(lambda count=count: runs.ends == count)  # type: ignore[misc]
    assert [runs.get(run_id) is not None for run_id in ids] == [False] * 2 + [True] * 20


def test_stopping_ends_a_run_in_good_order() -> None:
    code = "signal.signal(signal.SIGTERM, lambda *_: (say({'message': 'told to end'}), sys.exit(75)))\n"
    runs = Runs(python(code + "say({'message': 'here'}); time.sleep(30)"))
    run_id = runs.start()
    wait_until(lambda: messages(runs, run_id) == ["here"])
    runs.stop()
    run = runs.get(run_id)
    assert run is not None
    assert (run.state, run.exit_code, run.messages[-1]) == (RunState.FAILED, 75, "told to end")


def test_a_run_that_will_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    child = f"os.fork() or (open({str(tmp_path / 'child')!r}, 'w').write(str(os.getpid())), time.sleep(30))"
    runs = Runs(
        python(f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{child}\nsay({{'message': 'deaf'}})\ntime.sleep(30)"),
        grace_seconds=0.1,
    )
    run_id = runs.start()
    wait_until(lambda: messages(runs, run_id) == ["deaf"] and (tmp_path / "child").exists())
    wait_until(lambda: (tmp_path / "child").read_text() != "")
    runs.stop()
    run = runs.get(run_id)
    assert run is not None
    assert run.exit_code == -signal.SIGKILL
    wait_until(lambda: not is_running(int((tmp_path / "child").read_text())))


def is_running(pid: int) -> bool:
    """Whether a process does anything: one that nobody reaped is dead all the same."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def messages(runs: ChildRuns, run_id: str) -> list[str]:
    run = runs.get(run_id)
    assert run is not None
    return run.messages


def test_stopping_where_nothing_runs_does_nothing() -> None:
    runs = Runs(["/bin/true"])
    runs.stop()
    ended = runs.finish()
    runs.stop()
    assert (runs.ends, runs.get(ended.run_id)) == (1, ended)


@pytest.fixture
def waiting(serve: Serve, tmp_path: Path) -> Iterator[ThreadServer]:
    """A server whose trainer waits until the file `go` is there."""
    go = str(tmp_path / "go")
    server = serve(command=python(f"say({{'message': 'waiting'}})\nwhile not os.path.exists({go!r}): time.sleep(0.01)"))
    yield server
    Path(go).touch()


def retrain(server: ThreadServer) -> httpx.Response:
    return server.client.post("/api/model/retrain", headers=ADMIN)


def ask(server: ThreadServer, url: str) -> dict[str, object]:
    answer: dict[str, object] = server.client.get(url, headers=ADMIN).json()
    return answer


def test_retrain_starts_a_run_and_says_where_to_ask(waiting: ThreadServer, tmp_path: Path) -> None:
    answer = retrain(waiting)
    started = answer.json()
    assert (answer.status_code, started["state"]) == (202, "running")
    assert answer.headers["Location"] == started["url"] == f"/api/model/runs/{started['run_id']}"
    wait_until(lambda: ask(waiting, started["url"])["messages"] == ["waiting"])
    going = ask(waiting, started["url"])
    assert (going["state"], going["finished_at"], going["exit_code"]) == ("running", None, None)
    (tmp_path / "go").touch()
    wait_until(lambda: ask(waiting, started["url"])["state"] == "succeeded")
    assert ask(waiting, started["url"])["exit_code"] == 0


def test_a_second_retrain_is_refused_and_told_of_the_first(waiting: ThreadServer) -> None:
    url = retrain(waiting).json()["url"]
    answer = retrain(waiting)
    assert (answer.status_code, answer.json()["code"]) == (409, "run_in_progress")
    assert answer.json()["run_url"] == url
    assert url in answer.json()["detail"]


def test_requests_are_answered_while_the_trainer_runs(waiting: ThreadServer) -> None:
    retrain(waiting)
    started = time.perf_counter()
    assert waiting.client.get("/healthz").status_code == 200
    assert time.perf_counter() - started < 1


def test_what_the_trainer_promoted_is_served_at_once(serve: Serve, registry: Registry, folder: Path) -> None:
    old = publish(registry)
    code = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from pathlib import Path
from registry.files import FileStore
from registry.registry import Registry
registry = Registry(FileStore(Path({str(folder)!r})))
registry.roll_back({old!r}, "trainer", Path("."))
"""
    new = publish(registry)
    server = serve(command=[sys.executable, "-c", code], poll_seconds=3600)
    server.until_served(new)
    retrain(server)
    server.until_served(old)
    assert server.client.get("/api/model").json()["promoted_by"] == "trainer"


def test_an_unknown_run_is_a_404(shop: ThreadServer) -> None:
    answer = shop.client.get(f"/api/model/runs/{'x' * 5000}", headers=ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")
    assert len(answer.content) < 500


def test_without_a_trainer_retrain_is_unavailable(shop: ThreadServer) -> None:
    answer = retrain(shop)
    assert (answer.status_code, answer.json()["code"]) == (503, "trainer_unavailable")
