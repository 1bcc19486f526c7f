"""A process that has all of the trainer imported and compiled, and forks one for each order that it reads.

`python -m tests.faults.forking FOLDER` makes one run in a folder first, which tells what a run imports and compiles in
its course. Then each line of standard input is an order, and is answered by two: the pid, and the wait status. A
process of its own, since a process with threads must not fork.
"""

import gc
import importlib
import json
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Never

from numba.core.dispatcher import Dispatcher

import trainer.__main__
from runtime.process import run
from tests.faults.hurry import wait_for_answers, wait_less
from tests.faults.operations import tap_operations
from tests.faults.points import Boundary
from tests.faults.system_calls import tap_system_calls
from tests.faults.tap import Tap
from tests.faults.troubles import Strike, Trouble

_OURS: Final = ("trainer", "model", "registry", "cluster", "runtime")


@dataclass(frozen=True)
class Order:
    """A run of the trainer. `tapped` is the boundary whose calls go to `trace`, `strike` what happens to one of them.

    `output` is where its standard error goes, `root` the folder of a store on files.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    output: str
    trace: str = ""
    tapped: str = ""
    root: str = ""
    number: int = -1
    trouble: str = ""
    answer_seconds: float = 20.0

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def main(folder: Path) -> None:
    """Rehearse, then take orders until there are no more."""
    wait_less()
    _rehearse(folder)
    gc.freeze()
    _say("ready")
    for line in sys.stdin:
        order = Order(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            _be_trainer(order)
        _say(pid)
        _say(os.waitpid(pid, 0)[1])


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _rehearse(folder: Path) -> None:
    """Import what a run imports on its way, and compile what it compiles."""
    told, environment = folder / "rehearsal.pickle", {**os.environ, "STORE_URL": (folder / "rehearsed").as_uri()}
    pid = os.fork()
    if pid == 0:
        _be_trainer(Order([], environment, str(folder), str(folder / "rehearsal.log")), lambda: _tell(told))
    os.waitpid(pid, 0)
    modules, signatures = pickle.loads(told.read_bytes())
    for name in sorted(modules):
        _import(name)
    for (module, name), compiled in signatures.items():
        for signature in compiled:
            getattr(sys.modules[module], name).compile(signature)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 (a module that another one made by hand; it is made again)
        return


def _tell(path: Path) -> None:
    ours = [(name, module) for name, module in list(sys.modules.items()) if name.split(".")[0] in _OURS]
    signatures = {
        (module_name, name): list(value.signatures)
        for module_name, module in ours
        for name, value in vars(module).items()
        if isinstance(value, Dispatcher)
    }
    path.write_bytes(pickle.dumps((set(sys.modules), signatures)))


def _be_trainer(order: Order, afterwards: Callable[[], object] = lambda: None) -> Never:
    """Be `python -m trainer` from here on; this process ends with its exit code."""
    _take_place(order)
    code: Any = 99
    try:
        run(trainer.__main__.main)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        # Not by way of the server's own code, which would go on taking orders.
        sys.stdout.flush()
        sys.stderr.flush()
        afterwards()
        os._exit(code)


def _take_place(order: Order) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    tempfile.tempdir = None
    sys.argv = ["trainer", *order.arguments]
    nothing = os.open(os.devnull, os.O_RDWR)
    said = os.open(order.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor, source in ((0, nothing), (1, nothing), (2, said)):
        os.dup2(source, descriptor)
    wait_for_answers(order.answer_seconds)
    if order.tapped:
        _tap(order)


def _tap(order: Order) -> None:
    strike = Strike(order.number, Trouble.parse(order.trouble)) if order.trouble else None
    tap = Tap(Path(order.trace), strike)
    if order.tapped == Boundary.SYSTEM:
        tap_system_calls(tap, Path(order.root))
    else:
        tap_operations(tap)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
