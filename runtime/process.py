"""How a command ends: every error becomes one line and the exit code that tells Kubernetes what to do."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Never

from runtime.errors import Exit, RecommenderError

log = logging.getLogger(__name__)


def run(command: Callable[[], Exit]) -> Never:
    """Run a command and leave the process with its exit code; SIGTERM unwinds it like Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)
    code = exit_code(command)
    # What is left is about to end with the process: to look through it for garbage once more takes half a second.
    gc.freeze()
    sys.exit(code)


def exit_code(command: Callable[[], Exit]) -> int:
    """Run a command, say on one line what ended it, and give the exit code of its process."""
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except RecommenderError as error:
        _say(str(error), int(error.exit_code))
        return error.exit_code
    except KeyboardInterrupt:
        _say("stopped by a signal before it was done; nothing half-written is visible", Exit.TRY_AGAIN)
        return Exit.TRY_AGAIN
    except MemoryError:
        _say("out of memory: give the process more (resources.limits.memory in values.yaml)", Exit.FAILED)
        return Exit.FAILED
    except Exception as error:  # noqa: BLE001 (every bug ends here, as a line and an exit code)
        reason = " ".join(str(error).split())
        _say(f"unexpected {type(error).__name__}: {reason}. This is a bug: please report it", Exit.FAILED, error)
        return Exit.FAILED
    return code


def _reader_left() -> Exit:
    """End quietly where the program that reads our output has had enough, as in `… | head -1`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.DONE


def _say(line: str, exit_code: int, bug: Exception | None = None) -> None:
    """Say why a command ended; of a bug, logs in JSON tell the traceback too."""
    if logging.getLogger().handlers:
        log.error(line, extra={"event": "ended", "exit_code": exit_code}, exc_info=bug)
    else:
        sys.stderr.write(f"ERROR: {line}\n")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
