"""Workers in processes of their own, on a real scheduler: how they come, work, go, and who is kept out."""

import os
import signal
import socket
import ssl
import threading
import time
from pathlib import Path

import dask
import pytest
from distributed import Client, Scheduler
from distributed.scheduler import NoWorkerError

from runtime.errors import RecommenderError, TryAgainError
from tests.trainer.distributed.runs import RunHere
from trainer.distributed.certificates import RunCertificate
from trainer.distributed.scheduler import workers_joined


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def test_workers_do_the_work_and_end_well_when_it_is_done(run_here: RunHere) -> None:
    run_here.add_worker()
    run_here.add_worker()
    with run_here.led() as client:
        client.wait_for_workers(2, timeout=30)
        done = client.gather(client.map(pid_after, [0.2] * 6, pure=False))
    assert run_here.ended() == [0, 0]
    assert set(done) == {worker.pid for worker in run_here.workers}
    joined = f"Joined tls://127.0.0.1:{run_here.port}"
    assert run_here.logs == [joined, "The work is done"] * 2


def test_worker_may_come_late(run_here: RunHere) -> None:
    run_here.add_worker()
    with run_here.led() as client:
        run_here.add_worker()
        client.wait_for_workers(2, timeout=30)
    assert run_here.ended() == [0, 0]


def test_worker_is_there_before_the_scheduler(run_here: RunHere) -> None:
    run_here.add_worker()
    time.sleep(2)
    with run_here.led() as client:
        assert client.submit(os.getpid).result() == run_here.workers[0].pid
    assert run_here.ended() == [0]


def test_nobody_joins_without_the_runs_certificate(run_here: RunHere) -> None:
    with run_here.scheduler():
        run_here.run.lead(RunCertificate.make())  # of the run before, such as of a Secret that was stolen
        run_here.add_worker(DASK_WAIT_SECONDS="3")
        assert run_here.ended() == [75]
    (line,) = run_here.logs
    refused = f"tls://127.0.0.1:{run_here.port} does not take our certificate, or does not answer: "
    assert line.startswith(f"ERROR: no scheduler came within 3 s (DASK_WAIT_SECONDS): {refused}")


def test_nobody_speaks_to_scheduler_or_worker_without_a_certificate(run_here: RunHere) -> None:
    run_here.add_worker()
    with run_here.led() as client:
        told = client.scheduler_info()
        for address in (told["address"], *told["workers"]):
            assert address.startswith("tls://")
            with pytest.raises(OSError, match=r"."):
                Client(address.replace("tls://", "tcp://"), timeout=2)
            with pytest.raises((ssl.SSLError, ConnectionError)):
                _greet(address.removeprefix("tls://"))


def test_dashboard_is_for_this_machine_alone(run_here: RunHere) -> None:
    with run_here.scheduler() as cluster:
        assert cluster.scheduler
        listening = cluster.scheduler.http_server._sockets.values()
        assert {listener.getsockname()[0] for listener in listening} == {"127.0.0.1"}


def test_worker_ends_with_75_and_one_line_where_no_scheduler_comes(run_here: RunHere) -> None:
    run_here.add_worker(DASK_WAIT_SECONDS="2")
    assert run_here.ended() == [75]
    (line,) = run_here.logs
    assert line == (
        "ERROR: no scheduler came within 2 s (DASK_WAIT_SECONDS): there is no certificate of this run yet. "
        "`kubectl logs` of pod 0 of Job trainer-1 tells how it goes"
    )


def test_worker_that_waits_ends_well_when_the_run_is_over(run_here: RunHere) -> None:
    run_here.add_worker()
    time.sleep(2)
    run_here.say_over()
    assert run_here.ended(10) == [0]
    assert run_here.logs == ["The run is over"]


def test_run_without_workers_is_to_be_tried_again(run_here: RunHere) -> None:
    with pytest.raises(TryAgainError) as raised, run_here.led(dask_wait_seconds=1):
        pass
    assert str(raised.value) == (
        "no worker came within 1 s (DASK_WAIT_SECONDS). `kubectl get pods --selector "
        "batch.kubernetes.io/job-name=trainer-1` shows what the workers wait for, or how they ended"
    )


def test_work_goes_to_another_worker_at_once_when_one_is_told_to_go(run_here: RunHere, tmp_path: Path) -> None:
    run_here.add_worker()
    killers_are_given_up_at_once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with killers_are_given_up_at_once, run_here.led() as client:
        working = client.submit(_work_twice, tmp_path / "begun", pure=False)
        run_here.until((tmp_path / "begun").exists)
        run_here.add_worker()
        client.wait_for_workers(2, timeout=30)
        begun = time.monotonic()
        run_here.workers[0].send_signal(signal.SIGTERM)
        assert run_here.workers[0].wait(15) == 75
        assert working.result(timeout=15) == run_here.workers[1].pid
        assert time.monotonic() - begun < 15
    assert run_here.workers[1].wait(15) == 0
    assert "ERROR: stopped by a signal; the work goes to other workers" in run_here.logs


def test_worker_that_waits_may_be_told_to_go(run_here: RunHere) -> None:
    run_here.add_worker()
    time.sleep(3)
    run_here.workers[0].send_signal(signal.SIGTERM)
    assert run_here.ended(10) == [75]
    assert run_here.logs == ["ERROR: stopped by a signal; the work goes to other workers"]


def test_worker_works_for_the_next_scheduler_when_one_is_lost(run_here: RunHere, tmp_path: Path) -> None:
    run_here.add_worker()
    with pytest.raises(RecommenderError, match="the leading pod failed"):
        _lead_and_fail(run_here, tmp_path / "begun")
    with run_here.led() as client:
        assert len(client.submit(_threads_at_work).result()) == 1, "what the lost run was at has ended"
    assert run_here.ended() == [0]
    lost = "WARNING: The scheduler is gone: waiting for the next one"
    joined = f"Joined tls://127.0.0.1:{run_here.port}"
    assert run_here.logs == [joined, lost, joined, "The work is done"]


def test_run_does_not_wait_for_ever_when_its_workers_have_all_gone(run_here: RunHere, tmp_path: Path) -> None:
    run_here.add_worker()
    with pytest.raises(NoWorkerError):
        _lead_until_alone(run_here, tmp_path / "begun")
    assert run_here.ended() == [75]


def test_worker_joins_again_when_its_connection_breaks(run_here: RunHere) -> None:
    run_here.add_worker()
    settings = run_here.settings()
    with run_here.scheduler(settings=settings) as cluster, workers_joined(cluster, settings) as client:
        cluster.sync(_break_connections, cluster.scheduler)
        run_here.until(lambda: run_here.logs.count(f"Joined tls://127.0.0.1:{run_here.port}") == 2)
        assert client.submit(os.getpid).result() == run_here.workers[0].pid
    assert run_here.ended() == [0]


def test_error_of_a_task_is_one_line_in_the_workers_log(run_here: RunHere) -> None:
    run_here.add_worker()
    with run_here.led() as client, pytest.raises(TryAgainError, match="the database is away"):
        client.submit(_fail).result()
    assert run_here.ended() == [0]
    told = [line for line in run_here.logs if "the database is away" in line]
    assert len(told) == 1
    assert not any("Traceback" in line for line in run_here.logs)


def _lead_and_fail(run_here: RunHere, begun: Path) -> None:
    with run_here.led() as client:
        client.submit(_work_twice, begun, pure=False)
        run_here.until(begun.exists)
        raise RecommenderError("the leading pod failed")


def _lead_until_alone(run_here: RunHere, begun: Path) -> None:
    with run_here.led(dask_wait_seconds=5) as client:
        working = client.submit(_work_twice, begun, pure=False)
        run_here.until(begun.exists)
        run_here.workers[0].send_signal(signal.SIGTERM)
        working.result(timeout=60)


async def _break_connections(scheduler: Scheduler) -> None:
    for stream in scheduler.stream_comms.values():
        stream.abort()


def _work_twice(begun: Path) -> int:
    """Work for long the first time, as one that is to be begun again elsewhere."""
    if not begun.exists():
        begun.touch()
        time.sleep(300)
    return os.getpid()


def _threads_at_work() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate() if "Dask-Default-Threads" in thread.name)


def _fail() -> None:
    raise TryAgainError("the database is away")


def _greet(address: str) -> None:
    """Speak TLS to an address without a certificate of one's own, until an answer or a refusal."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), 5) as plain, context.wrap_socket(plain) as encrypted:
        encrypted.sendall(b"hello")
        if not encrypted.recv(1):
            raise ConnectionResetError
