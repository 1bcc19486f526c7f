import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.server import listen
from registry.files import FileStore
from registry.manifest import MODEL_FILE
from registry.registry import Registry
from runtime.errors import BadSettingsError
from tests.api.live import ADMIN, REPOSITORY, ServerProcess, free_port, wait_until
from tests.builders import publish

FAKE_TRAINER = """
import os, signal, sys, time
from pathlib import Path

def end(*_):
    Path("told-to-end").touch()
    sys.exit(75)

signal.signal(signal.SIGTERM, end)
Path("trainer-pid").write_text(str(os.getpid()))
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_port_in_use_is_one_clear_line_and_exit_64(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with ServerProcess(tmp_path, {"LOG_FORMAT": "human"}, port) as server:
            assert server.process.wait(20) == 64
            assert server.log == f"ERROR: API_PORT={port} is in use on 127.0.0.1. Set another API_PORT\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "not a host", "::g"])
def test_an_address_of_another_machine_is_one_clear_line(host: str) -> None:
    with pytest.raises(BadSettingsError, match="API_HOST="):
        listen(host, free_port())


def test_the_store_may_come_after_the_server_and_go_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.write_text("a file where the store's folder will be")
    with ServerProcess(tmp_path, {"STORE_URL": folder.as_uri()}) as server:
        server.until("/healthz").until("/readyz", 503)
        assert "STORE_URL" in server.client.get("/readyz").json()["detail"]
        folder.unlink()
        version = publish(Registry(FileStore(folder)))
        server.until("/readyz").until("/api/model")
        before = [server.client.get(path).json() for path in ASKED]
        # The pages of the mapped file are gone with its bytes: whoever had mapped the store's own file would die here.
        os.truncate(folder / "models" / version / MODEL_FILE, 0)
        assert [server.client.get(path).json() for path in ASKED] == before
        assert server.end() == 0
        assert "Traceback" not in server.log


ASKED = ["/api/products/popular", "/api/products/10/similar", "/api/users/2/recommendations"]


def test_ctrl_c_is_no_failure_and_the_log_is_short(tmp_path: Path) -> None:
    publish(Registry(FileStore(tmp_path / "store")))
    settings = {"STORE_URL": (tmp_path / "store").as_uri(), "LOG_FORMAT": "human", "ACCESS_LOG": "none"}
    with ServerProcess(tmp_path, settings) as server:
        server.until("/api/model")
        assert server.end(signal.SIGINT) == 0
        lines = server.log.splitlines()
        assert len(lines) == 3
        assert lines[0].startswith("Serving file:///")
        assert lines[1].startswith("Serving model ")
        assert lines[2] == "Stopped"


def test_a_request_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    publish(Registry(FileStore(tmp_path / "store")))
    head = (
        "POST /api/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
    )
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        server.until("/api/model")
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(head.encode() + b'{"products":')
            server.until("/healthz")  # so that the server has seen the head before the signal
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: is_closed(server.port))
            connection.sendall(b' ["20"]}')
            assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert server.process.wait(15) == 0


def is_closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_end_of_the_server_ends_a_run_of_the_trainer(tmp_path: Path) -> None:
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "__init__.py").touch()
    (tmp_path / "trainer" / "__main__.py").write_text(FAKE_TRAINER)
    with ServerProcess(tmp_path, {"STORE_URL": (tmp_path / "store").as_uri()}) as server:
        server.until("/readyz")
        assert server.client.post("/api/model/retrain", headers=ADMIN).status_code == 202
        wait_until(lambda: (tmp_path / "trainer-pid").exists() and (tmp_path / "trainer-pid").read_text() != "")
        pid = int((tmp_path / "trainer-pid").read_text())
        assert is_alive(pid)
        assert server.end() == 0
        assert (tmp_path / "told-to-end").exists()
        assert not is_alive(pid)


NO_ROOM_FOR_THREADS = """
import threading
from api.__main__ import main
from runtime.process import run

threading.stack_size(1 << 47)  # more than there are addresses
run(main)
"""


@pytest.mark.parametrize("log_format", ["human", "json"])
def test_a_start_that_fails_is_one_line_and_exit_1(tmp_path: Path, log_format: str) -> None:
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "API_HOST": "127.0.0.1",
        "API_PORT": str(free_port()),
        "STORE_URL": (tmp_path / "store").as_uri(),
        "LOG_FORMAT": log_format,
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", NO_ROOM_FOR_THREADS]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert "the server's start or end failed: RuntimeError: can't start new thread. This is a bug" in done.stderr
    assert ("Traceback" in done.stderr) == (log_format == "json")


def test_a_serving_process_carries_no_training_library() -> None:
    code = """
import sys
from api.__main__ import main
heavy = {"boto3", "botocore", "numba", "pandas", "pyarrow", "scipy", "sqlalchemy", "trainer", "monitor"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
