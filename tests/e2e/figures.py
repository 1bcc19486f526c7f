"""Figures that a session measured: its last lines tell them. Nothing is asserted of a time on a shared machine."""

import pytest


class Figures:
    """What was measured, in the order of measuring."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, what: str, figure: str) -> None:
        self.lines.append(f"FIGURE {what}: {figure}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.lines:
            terminalreporter.write_line(line)
