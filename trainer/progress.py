"""Progress on a terminal, and nothing elsewhere."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runtime.logs import HumanFormatter


@contextmanager
def progress(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while work is done; the function given is told how much, from any thread."""
    if not _on_terminal():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 (0.1 s to import, wanted on a terminal only)
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(description, total=total)
        yield lambda done: bars.advance(task, done)


def _on_terminal() -> bool:
    handlers = logging.getLogger().handlers
    return sys.stderr.isatty() and any(isinstance(handler.formatter, HumanFormatter) for handler in handlers)
