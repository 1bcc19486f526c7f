"""promtool on the chart's alerting rules: which of them fire at which time, on series that a test makes up."""

import json
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from tests.programs.go_programs import go_programs

# Which series a ServiceMonitor would give these labels.
TARGET: Final = {"namespace": "ns", "service": "api", "pod": "api-1"}
_EVERY: Final = "1m"

Series = Mapping[str, str]


def check(rules: Path) -> str:
    """Give what promtool says of a file of rules, "" where it finds nothing wrong."""
    done = _promtool("check", "rules", "--lint=all", "--lint-fatal", str(rules))
    return done.stdout + done.stderr if done.returncode else ""


def wrong_about(rules: Path, series: Series, firing: Mapping[str, Collection[str]], folder: Path) -> str:
    """Give how the alerts that fire at some times differ from those that are named for them; "" where they do not.

    `series` are a sample a minute in promtool's notation, such as {'up': '1x10 0x20'}; TARGET is among their labels.
    """
    asked = [_firing(at, names) for at, names in firing.items()]
    return _unit_test(rules, series, {"promql_expr_test": asked}, folder)


def wrong_in_words(rules: Path, series: Series, at: str, alert: Mapping[str, Any], folder: Path) -> str:
    """Give how an alert that fires differs from one with these labels and annotations."""
    expected = {"exp_labels": alert["labels"], "exp_annotations": alert["annotations"]}
    asked = [{"eval_time": at, "alertname": alert["alert"], "exp_alerts": [expected]}]
    return _unit_test(rules, series, {"alert_rule_test": asked}, folder)


def series(name: str, **labels: str) -> str:
    """Write a series of the API's in PromQL."""
    told = ",".join(f'{key}="{value}"' for key, value in {**TARGET, **labels}.items())
    return f"{name}{{{told}}}"


def _firing(at: str, names: Collection[str]) -> dict[str, Any]:
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)]
    return {"expr": 'group by (alertname) (ALERTS{alertstate="firing"})', "eval_time": at, "exp_samples": samples}


def _unit_test(rules: Path, given: Series, asked: Mapping[str, Any], folder: Path) -> str:
    told = [{"series": name, "values": values} for name, values in given.items()]
    test = {"interval": _EVERY, "input_series": told, **asked}
    path = folder / "test.json"  # which is YAML too
    path.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": _EVERY, "tests": [test]}))
    done = _promtool("test", "rules", str(path))
    return done.stdout + done.stderr if done.returncode else ""


def _promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = go_programs("prometheus") / "promtool"
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
