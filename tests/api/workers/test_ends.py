"""How workers end: killed, told to, without their parent, or before they ever served."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from registry.registry import Registry
from tests.api.live import REPOSITORY, free_port, wait_until
from tests.api.shoppers import Swaps, numbered_model, shoppers, whole_answers
from tests.api.test_child_runs import is_running
from tests.api.test_server import NO_ROOM_FOR_THREADS, is_closed
from tests.api.workers.conftest import Start
from tests.builders import publish

POPULAR = "/api/products/popular"
LOST = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError", "IncompleteRead")


def a_shop(registry: Registry) -> Swaps:
    model = numbered_model(1)
    return Swaps({publish(registry, model): whole_answers(model)})


def test_a_worker_that_is_killed_is_replaced_and_only_what_it_was_answering_is_lost(
    registry: Registry, start: Start
) -> None:
    swaps = a_shop(registry)
    pod = start().until_ready()
    with shoppers(pod.server.port, swaps, n=6) as crowd:
        wait_until(lambda: set(pod.answered()) == {1, 2})
        pod.kill_a_worker()
        so_far = crowd.answers.total()
        wait_until(lambda: crowd.answers.total() > so_far + 200)
    assert len(crowd.failures) <= 6
    assert [failure for failure in crowd.failures if not failure.startswith(LOST)] == []
    assert [line["message"] for line in pod.errors()] == [
        "Worker 1 was ended by SIGKILL, and another one is started in its place now"
    ]


def test_shoppers_notice_nothing_of_a_pod_that_drains(registry: Registry, start: Start) -> None:
    swaps = a_shop(registry)
    pod = start(DRAIN_SECONDS="60").until_ready()
    with shoppers(pod.server.port, swaps) as crowd:
        wait_until(lambda: crowd.answers.total() > 100)
        pod.server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: {one.headers.get("connection") for one in pod.ask_both(POPULAR)} == {"close"})
        so_far = crowd.answers.total()
        wait_until(lambda: crowd.answers.total() > so_far + 200)
    assert crowd.failures == []
    assert pod.server.end() == 0
    assert pod.errors() == []


def test_a_request_under_way_is_answered_while_nobody_is_taken_in(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start().until_ready()
    head = "POST /api/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", pod.server.port), timeout=10) as connection:
        connection.sendall(f'{head}Content-Length: 20\r\n\r\n{{"products":'.encode())
        pod.ask_both(POPULAR)
        pod.server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_closed(pod.server.port))
        connection.sendall(b' ["20"]}')
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert pod.server.process.wait(15) == 0


def test_the_second_signal_ends_the_draining_of_all(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start(DRAIN_SECONDS="60").until_ready()
    pod.server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert len(pod.workers) == 2
    assert pod.server.end() == 0


def test_ctrl_c_is_for_the_parent_to_pass_on(registry: Registry, start: Start) -> None:
    publish(registry)
    pod = start().until_ready()
    groups = {os.getpgid(pid) for pid in pod.workers}
    assert os.getpgid(pod.server.process.pid) not in groups
    assert pod.server.end(signal.SIGINT) == 0
    assert pod.server.log.count('"Stopped"') == 1


def test_workers_end_with_their_parent_and_what_they_left_is_swept_at_the_next_start(
    registry: Registry, start: Start
) -> None:
    publish(registry)
    pod = start().until_ready()
    workers, left = pod.workers, pod.folder
    pod.server.process.kill()
    wait_until(lambda: not any(map(is_running, workers)))
    assert list(left.glob("models/*.safetensors"))
    after = start().until_ready()
    assert after.folder != left


def test_another_pod_of_this_machine_keeps_what_it_uses(registry: Registry, start: Start) -> None:
    publish(registry)
    one = start().until_ready()
    folder = one.folder
    other = start().until_ready()
    assert folder.exists()
    assert len(list(other.scratch.iterdir())) == 2
    one.kill_a_worker()


def test_workers_that_cannot_start_end_the_parent_with_their_exit_code(tmp_path: Path, scratch: Path) -> None:
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "TMPDIR": str(scratch),
        "API_HOST": "127.0.0.1",
        "API_PORT": str(free_port()),
        "API_WORKERS": "2",
        "STORE_URL": (tmp_path / "store").as_uri(),
        "LOG_FORMAT": "human",
    }
    command = [sys.executable, "-c", NO_ROOM_FOR_THREADS]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("can't start new thread") in {5, 6}
    assert done.stderr.count("ended with exit code 1: no worker can be started, so all end") == 1
    assert list(scratch.iterdir()) == []
