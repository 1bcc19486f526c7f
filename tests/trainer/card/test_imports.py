"""What drawing a card leaves behind in the process."""

import subprocess
import sys


def test_failed_imports_are_what_they_were_before() -> None:
    """A finder of pygal's old kind would make each of them an ImportWarning."""
    program = """
import plots.lines
try:
    import nothing_of_this_name
except ModuleNotFoundError:
    print("missing")
"""
    ended = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert ended.stdout == "missing\n", ended.stderr
