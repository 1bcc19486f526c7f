"""What a worker has at hand, and how workers are told of a run."""

import signal
import threading
from pathlib import Path

from tests.trainer.distributed.runs import RunHere
from trainer.distributed.at_hand import Told, figures_of, tell_workers


def test_worker_that_dies_while_it_is_told_costs_the_run_nothing(run_here: RunHere, tmp_path: Path) -> None:
    run_here.add_worker()
    run_here.add_worker()
    told = Told(tmp_path.as_uri(), None, "run-1", 1, None)
    with run_here.led() as client:
        client.wait_for_workers(2, timeout=30)
        dying = run_here.workers[0]
        dying.send_signal(signal.SIGSTOP)  # it takes what it is told, and does not answer
        death = threading.Timer(1, dying.kill)
        death.start()
        tell_workers(client, told)
        death.join()
        (figures,) = client.run(figures_of, told.run).values()
        assert figures.name == "trainer-1-2-x2z"
