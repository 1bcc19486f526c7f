"""Tests that did not run: the last lines of a session say so, and where CI=true they fail it."""

import os
from collections import Counter

import pytest


class Skips:
    """Counts skipped tests by reason."""

    def __init__(self) -> None:
        self.count_by_reason: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.count_by_reason[_reason(report)] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.count_by_reason[_reason(report)] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.count_by_reason and _in_ci() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for reason, count in self.count_by_reason.items():
            tests = "test" if count == 1 else "tests"
            terminalreporter.write_line(f"SKIPPED PARTS: {reason}: {count} {tests} did not run", yellow=True)
        if self.count_by_reason and _in_ci():
            terminalreporter.write_line("FAILED: with CI=true every test has to run", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips(), "skips")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"
