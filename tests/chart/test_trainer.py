"""CronJob `trainer`."""

import json
from collections.abc import Callable

import pytest

from runtime.errors import Exit
from tests.chart.conftest import Render
from tests.chart.helm import Values
from tests.chart.manifests import Json, environment
from trainer.gate.rules import RULES
from trainer.reading.queries import DEFAULT_CATALOGUE_SQL
from trainer.settings import TrainerSettings

OUT_OF_MEMORY = 137


def spec(render: Render, **values: object) -> Json:
    return dict(render({"trainer": values}).get("CronJob", "trainer")["spec"])


@pytest.mark.parametrize(
    ("schedule", "line"),
    [
        ("daily", "0 2 * * *"),
        ("weekly", "0 2 * * 0"),
        ("six-hourly", "0 */6 * * *"),
        ("hourly", "0 * * * *"),
        ("*/5 8-18 1,15 JAN-jun mon", "*/5 8-18 1,15 JAN-jun mon"),
        ("08 09 08 09 *", "08 09 08 09 *"),
    ],
)
def test_a_schedule_has_a_name_or_is_a_cron_line(render: Render, schedule: str, line: str) -> None:
    assert spec(render, schedule=schedule)["schedule"] == line


def test_it_trains_every_night_at_two_unless_told_otherwise(render: Render) -> None:
    found = spec(render)
    assert (found["schedule"], found["timeZone"], found["suspend"]) == ("0 2 * * *", "Etc/UTC", False)


@pytest.mark.parametrize(
    ("schedule", "complaint"),
    [
        ("0 25 * * *", 'trainer.schedule: "0 25 * * *" is no schedule: the hour is 25, and may be 0 to 23'),
        ("0 1-99 * * *", "the hour is 99, and may be 0 to 23"),
        ("0 2 0 * *", "the day of the month is 0, and may be 1 to 31"),
        ("0 2 * * 7", "the day of the week is 7, and may be 0 to 6"),
        ("0 2 * * fryday", '"fryday" means nothing in the day of the week'),
        ("*/0 * * * *", '"/0" means nothing in the minute'),
    ],
)
def test_a_cron_line_that_no_clock_knows_is_refused_in_words(
    refusal: Callable[[Values], str], schedule: str, complaint: str
) -> None:
    assert complaint in refusal({"trainer": {"schedule": schedule}})


def test_an_upgrade_never_waits_for_one_run_on_top_of_another(render: Render) -> None:
    assert spec(render)["concurrencyPolicy"] == "Forbid"


def test_numbers_of_the_cron_job_are_taken_from_values(render: Render) -> None:
    numbers = {
        "startingDeadlineSeconds": 7_200_000,
        "successfulJobsHistoryLimit": 0,
        "failedJobsHistoryLimit": 5,
    }
    job_numbers = {"activeDeadlineSeconds": 1_234_567, "backoffLimit": 0, "ttlSecondsAfterFinished": 9_000_000}
    found = spec(render, **numbers, **job_numbers, suspend=True, timeZone="Europe/Paris", concurrencyPolicy="Replace")
    assert found | numbers == found
    job = found["jobTemplate"]["spec"]
    assert job | job_numbers == job
    assert all(isinstance(one[key], int) for one, keys in ((found, numbers), (job, job_numbers)) for key in keys)
    assert (found["suspend"], found["timeZone"], found["concurrencyPolicy"]) == (True, "Europe/Paris", "Replace")


def test_finished_jobs_may_be_kept_for_ever_or_not_at_all(render: Render) -> None:
    assert "ttlSecondsAfterFinished" not in spec(render, ttlSecondsAfterFinished=None)["jobTemplate"]["spec"]
    assert spec(render, ttlSecondsAfterFinished=0)["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 0


def test_a_run_is_tried_again_only_where_that_helps(render: Render) -> None:
    job = spec(render)["jobTemplate"]["spec"]
    lost_node, hopeless = job["podFailurePolicy"]["rules"]
    assert lost_node["action"] == "Ignore"
    assert [condition["type"] for condition in lost_node["onPodConditions"]] == ["DisruptionTarget"]
    assert hopeless["action"] == "FailJob"
    assert hopeless["onExitCodes"]["containerName"] == job["template"]["spec"]["containers"][0]["name"]
    assert hopeless["onExitCodes"]["values"] == [*(Exit.BAD_SETTINGS, Exit.BAD_DATA, Exit.ROLLED_BACK, OUT_OF_MEMORY)]
    assert job["backoffLimit"] == 4
    assert job["podReplacementPolicy"] == "Failed"
    assert job["template"]["spec"]["restartPolicy"] == "Never"


def test_the_trainer_knows_where_it_is(render: Render) -> None:
    rendered = render()
    own = environment(rendered.container("CronJob", "trainer"))
    assert own["CLUSTER_NAMESPACE"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert own["POD_NAME"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert (rendered.data("trainer")["ROLLOUT_SECONDS"], rendered.data("trainer")["ROLLOUT_WATCH_SECONDS"]) == (
        "300",
        "10",
    )
    unwatched = render({"trainer": {"rolloutWatchSeconds": 0}})
    assert unwatched.data("trainer")["ROLLOUT_WATCH_SECONDS"] == "0"


def test_the_shops_own_sql_reaches_the_trainer_as_it_was_written(render: Render) -> None:
    sql = "SELECT u AS user_id FROM \"t\" WHERE a <> 'x' AND b >= 1 & 2"
    rendered = render({"trainer": {"events": {"cart": {"weight": 0.5, "sql": sql}, "view": {"weight": 0}}}})
    settings = TrainerSettings.model_validate({"events": json.loads(rendered.data("trainer")["EVENTS"])})
    assert settings.events["cart"].sql == sql
    assert [query.kind for query in settings.event_queries()] == ["purchase", "cart"]


def test_the_catalogue_is_the_default_one_the_shops_own_or_none(render: Render) -> None:
    assert render().data("trainer")["CATALOGUE_SQL"] == DEFAULT_CATALOGUE_SQL
    sql = "SELECT sku AS product_id, \"title\" AS name FROM wares WHERE title LIKE '50%: a'"
    assert render({"trainer": {"catalogueSql": sql}}).data("trainer")["CATALOGUE_SQL"] == sql
    assert render({"trainer": {"catalogueSql": ""}}).data("trainer")["CATALOGUE_SQL"] == ""
    assert "CATALOGUE_SQL" not in render({"trainer": {"catalogueSql": None}}).data("trainer")


def test_the_gate_of_the_values_is_the_gate_of_the_program(render: Render) -> None:
    """The values show all rules and their defaults, which must not drift from those in the code."""
    settings = TrainerSettings.model_validate({"gate": json.loads(render().data("trainer")["GATE"])})
    told = {name: (rule.action, rule.threshold) for name, rule in settings.gate.items()}
    assert told == {rule.name: (rule.action, rule.threshold) for rule in RULES}


def test_one_rule_is_changed_without_naming_the_others(render: Render) -> None:
    rendered = render({"trainer": {"gate": {"events": {"action": "warn"}}}})
    settings = TrainerSettings.model_validate({"gate": json.loads(rendered.data("trainer")["GATE"])})
    assert (settings.gate["events"].action, settings.gate["events"].threshold) == ("warn", 0.3)
    assert settings.gate["users"].action == "reject"


def test_the_shops_own_class_comes_from_values(render: Render) -> None:
    rendered = render({"trainer": {"code": {"class": "my:Mine", "files": {"my.py": "class Mine: ...\n"}}}})
    assert rendered.data("trainer-code") == {"my.py": "class Mine: ...\n"}
    assert _mounted_code(rendered.pod("CronJob", "trainer")) == ("trainer-code", rendered.data("trainer")["PYTHONPATH"])
    assert rendered.data("trainer")["TRAINER_CLASS"] == "my:Mine"


def test_the_shops_own_class_comes_from_a_config_map(render: Render) -> None:
    rendered = render({"trainer": {"code": {"class": "my:Mine", "configMap": "mine"}}})
    assert "trainer-code" not in rendered.names("ConfigMap")
    assert _mounted_code(rendered.pod("CronJob", "trainer")) == ("mine", rendered.data("trainer")["PYTHONPATH"])


def test_the_shops_own_class_comes_with_an_image(render: Render) -> None:
    code = {"code": {"class": "my:Mine"}, "image": {"repository": "registry.example.com/shop-trainer", "tag": "7"}}
    rendered = render({"trainer": code})
    assert "PYTHONPATH" not in rendered.data("trainer")
    assert rendered.container("CronJob", "trainer")["image"] == "registry.example.com/shop-trainer:7"


def _mounted_code(pod: Json) -> tuple[str, str]:
    volume = next(volume for volume in pod["volumes"] if volume["name"] == "shop-code")
    mount = next(mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "shop-code")
    return volume["configMap"]["name"], mount["mountPath"]
