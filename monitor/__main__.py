"""`python -m monitor --action health` judges the model in service; `--action backups` lists the versions."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from monitor import backups, report
from monitor.checks import judge
from monitor.observation import observe
from monitor.pages import backups_page, health_page
from monitor.report import Report, Status
from monitor.settings import MonitorSettings
from registry.registry import Registry
from registry.settings import open_store
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.logs import set_up_logging
from runtime.process import run


def main() -> Exit:
    """Do what the arguments say."""
    arguments = _parser().parse_args()
    settings = MonitorSettings.load()
    set_up_logging(settings)
    registry = Registry(open_store(settings))
    if arguments.action == "backups":
        listed = backups.list_backups(registry, settings.store_url)
        _write(backups.as_json(listed) if arguments.format == "json" else backups_page(listed))
        return Exit.DONE
    judged = _judge(registry, settings)
    _write(report.as_json(judged) if arguments.format == "json" else health_page(judged))
    return _exit_code(judged.status, strict=arguments.strict)


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog="python -m monitor", description="Judge the model in service, or list the versions.")
    parser.add_argument("--action", choices=["health", "backups"], required=True, help="what to do")
    parser.add_argument("--format", choices=["human", "json"], default="human", help="for whom (default: human)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 for DEGRADED too, not only for UNHEALTHY")
    return parser


def _judge(registry: Registry, settings: MonitorSettings) -> Report:
    seen = observe(registry, datetime.now(UTC))
    return report.save(Report(settings.store_url, seen, judge(seen, settings)), registry.store)


def _exit_code(status: Status, *, strict: bool) -> Exit:
    unwell = {Status.UNHEALTHY, Status.DEGRADED} if strict else {Status.UNHEALTHY}
    return Exit.FAILED if status in unwell else Exit.DONE


def _write(result: str | dict[str, Any]) -> None:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False) + "\n"
    sys.stdout.write(text)


if __name__ == "__main__":
    run(main)
