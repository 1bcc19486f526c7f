"""The examples of docs/how-to.md, as they stand there, but for the address of the server."""

import re
import subprocess
from pathlib import Path
from textwrap import dedent

from tests.api.live import REPOSITORY, ThreadServer

_DOCUMENTED_SERVER = "http://127.0.0.1:8000"
_HOW_TO = (REPOSITORY / "docs" / "how-to.md").read_text()


def example(heading: str, first_words: str, server: ThreadServer) -> str:
    """The code below a heading that starts with these words: all lines up to the next that is not indented."""
    section = re.split(r"^## ", _HOW_TO.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    blocks = [dedent(block).strip() for block in re.findall(r"(?:^(?: {4}.*)?\n)+", section, flags=re.MULTILINE)]
    found = next(block for block in blocks if block.startswith(first_words))
    assert _DOCUMENTED_SERVER in found
    return found.replace(_DOCUMENTED_SERVER, f"http://127.0.0.1:{server.port}")


def output_of(*command: str, folder: Path, **environment: str) -> str:
    """What a command prints in a folder; what it complains of where it fails."""
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
