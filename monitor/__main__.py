"""`python -m monitor --action health|backups|runs|service`: judge the model, list versions or runs, ask the API."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from monitor import backups, report, runs, service
from monitor.health import judge_health
from monitor.pages import backups_page, health_page, runs_page
from monitor.report import Status
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
    return _ACTIONS[arguments.action](registry, settings, arguments)


def _health(registry: Registry, settings: MonitorSettings, arguments: argparse.Namespace) -> Exit:
    judged = judge_health(registry, settings, datetime.now(UTC))
    _write(report.as_json(judged) if arguments.format == "json" else health_page(judged))
    return _exit_code(judged.status, strict=arguments.strict)


def _backups(registry: Registry, settings: MonitorSettings, arguments: argparse.Namespace) -> Exit:
    listed = backups.list_backups(registry, settings.store_url)
    _write(backups.as_json(listed) if arguments.format == "json" else backups_page(listed))
    return Exit.DONE


def _runs(registry: Registry, settings: MonitorSettings, arguments: argparse.Namespace) -> Exit:
    listed = runs.list_runs(registry.store)
    _write(runs.as_json(listed) if arguments.format == "json" else runs_page(settings.store_url, listed))
    return Exit.DONE


def _service(registry: Registry, _settings: MonitorSettings, arguments: argparse.Namespace) -> Exit:
    found = service.check_service(registry, arguments.api_url)
    _write(service.as_json(found) if arguments.format == "json" else service.service_page(found))
    return Exit.DONE


_ACTIONS: Final[dict[str, Callable[[Registry, MonitorSettings, argparse.Namespace], Exit]]] = {
    "health": _health,
    "backups": _backups,
    "runs": _runs,
    "service": _service,
}


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog="python -m monitor",
        description="Judge the model in service, list versions or runs, or ask the API for it.",
    )
    parser.add_argument("--action", choices=list(_ACTIONS), required=True, help="what to do")
    parser.add_argument(
        "--api-url", default="http://127.0.0.1:8000", help="where --action service finds the API (default: %(default)s)"
    )
    parser.add_argument("--format", choices=["human", "json"], default="human", help="for whom (default: human)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 for DEGRADED too, not only for UNHEALTHY")
    return parser


def _exit_code(status: Status, *, strict: bool) -> Exit:
    unwell = {Status.UNHEALTHY, Status.DEGRADED} if strict else {Status.UNHEALTHY}
    return Exit.FAILED if status in unwell else Exit.DONE


def _write(result: str | dict[str, Any]) -> None:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False) + "\n"
    sys.stdout.write(text)


if __name__ == "__main__":
    run(main)
