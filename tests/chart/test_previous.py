"""Values that worked with an earlier release still work: each folder of previous/ holds some that people had."""

from pathlib import Path

import pytest

from tests.chart.helm import Helm

PREVIOUS = sorted((Path(__file__).parent / "previous").glob("*/*.yaml"))


@pytest.mark.parametrize("values", PREVIOUS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_values_of_an_earlier_release_still_work(each_helm: Helm, values: Path) -> None:
    rendered = each_helm.template({}, "--values", str(values))
    names = {name.replace("/books-", "/") for name in rendered.names()}
    assert {"CronJob/trainer", "Deployment/api", "Service/api"} <= names
