"""The processes that another one has started, as Linux tells."""

from pathlib import Path


def children_of(pid: int) -> dict[int, bytes]:
    """Give the command of each process that any thread of this one has started; of those that have ended, none."""
    try:
        children = [
            pid for task in Path(f"/proc/{pid}/task").iterdir() for pid in (task / "children").read_text().split()
        ]
    except OSError:
        return {}
    commands = {int(child): command_of(int(child)) for child in children}
    return {child: command for child, command in commands.items() if command}


def command_of(pid: int) -> bytes:
    """Give a process's command, nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
