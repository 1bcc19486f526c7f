"""What helm prints after an installation: what to type next, when it trains, and what to beware of."""

import re
from collections.abc import Callable

import pytest

from tests.chart.helm import CHART, LOCAL, SHOP, Helm, Values, joined

Notes = Callable[..., str]


@pytest.fixture
def notes(helm: Helm) -> Notes:
    """Give a function that gives the notes of an installation."""

    def notes(values: Values, *arguments: str) -> str:
        command = ("install", "shop", str(CHART), "--namespace", "ns", "--dry-run=client", *arguments)
        return helm.run(*command, values=values).split("\nNOTES:\n", 1)[1]

    return notes


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("daily", "every day at 02:00"),
        ("weekly", "every Sunday at 02:00"),
        ("six-hourly", "every 6 hours"),
        ("30 14 * * 5", "every Friday at 14:30"),
        ("05 08 * * *", "every day at 08:05"),
        ("*/10 * * * *", "every 10 minutes"),
        ("* * * * *", "every minute"),
        ("20 * * * *", "every hour, 20 minutes past"),
        ("0 2 1 * *", "by the cron line 0 2 1 * *"),
    ],
)
def test_the_schedule_is_told_in_words(notes: Notes, schedule: str, words: str) -> None:
    assert f"It trains {words} (Etc/UTC)." in notes(joined(SHOP, {"trainer": {"schedule": schedule}}))


def test_the_schedule_that_suits_a_shop_is_told(notes: Notes) -> None:
    said = " ".join(notes(SHOP).split())
    assert "under 1,000 users weekly, up to 10,000 daily, above that every 6 hours" in said


def test_what_to_type_next_names_the_objects_of_the_release(notes: Notes) -> None:
    said = notes(joined(SHOP, {"namePrefix": "blue"}))
    commands = re.findall(r"^  (.+)$", said, re.MULTILINE)
    assert "kubectl --namespace ns rollout status deployment/blue-api" in commands
    assert "kubectl --namespace ns logs --follow job/blue-trainer-first" in commands
    assert "kubectl --namespace ns create job --from=cronjob/blue-trainer now" in commands
    assert "kubectl --namespace ns port-forward service/blue-api 8000:80 &" in commands
    assert "curl http://127.0.0.1:8000/api/products/popular" in commands
    assert "helm test shop --namespace ns" in commands


def test_without_a_first_training_it_says_how_to_start_one(notes: Notes) -> None:
    said = notes(joined(SHOP, {"trainer": {"firstTraining": {"enabled": False}}}))
    assert "503 model_not_trained" in said
    assert "kubectl --namespace ns create job --from=cronjob/trainer first" in said


def test_choices_that_one_may_regret_are_told(notes: Notes) -> None:
    assert "No admin token is set" in notes(SHOP)
    assert "No admin token" not in notes(joined(SHOP, {"api": {"adminToken": {"value": "token"}}}))
    assert "no training starts by itself" in notes(joined(SHOP, {"trainer": {"suspend": True}}))
    said = notes({}, "--values", str(LOCAL))
    assert "WARNING: the MariaDB and the MinIO of this release are for trying it out" in said
    assert "goes with their pods" not in said
    assert "goes with their pods" in notes({"local": {"enabled": True}})


def test_hosts_of_an_ingress_are_told(notes: Notes) -> None:
    ingress = {"enabled": True, "hosts": [{"host": "shop.example.com"}], "tls": [{}]}
    assert "curl https://shop.example.com/api/products/popular" in notes(joined(SHOP, {"api": {"ingress": ingress}}))
