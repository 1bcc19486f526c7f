"""How the values become settings of the processes: the store, the database, numbers and secrets."""

from tests.chart.conftest import Render
from tests.chart.helm import Helm
from tests.chart.manifests import Json, environment
from tests.chart.variants import KEYS_AS_VALUES


def secret(name: str, key: str) -> Json:
    return {"secretKeyRef": {"name": name, "key": key}}


def test_every_process_is_told_where_the_store_is(render: Render) -> None:
    rendered = render({"store": {"endpointUrl": "http://minio:9000"}})
    for name in ("trainer", "api", "monitor"):
        assert rendered.data(name)["STORE_URL"] == "s3://models/shop"
        assert rendered.data(name)["S3_ENDPOINT_URL"] == "http://minio:9000"
        assert rendered.data(name)["AWS_REGION"] == "eu-central-1"


def test_without_keys_the_pods_own_identity_opens_the_store(render: Render) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/shop"}
    accounts = {name: {"serviceAccount": {"annotations": role}} for name in ("trainer", "api", "monitor")}
    rendered = render(accounts)
    for name, template in rendered.pod_templates():
        assert "AWS_ACCESS_KEY_ID" not in environment(template["spec"]["containers"][0]), name
    for name in accounts:
        assert rendered.get("ServiceAccount", name)["metadata"]["annotations"] == role
    assert not rendered.names("Secret")


def test_keys_of_the_store_come_from_a_secret_of_ones_own(render: Render) -> None:
    rendered = render({"store": {"existingSecret": {"name": "keys", "keys": {"accessKeyId": "id"}}}})
    for kind, name in (
        ("CronJob", "trainer"),
        ("Deployment", "api"),
        ("CronJob", "monitor"),
        ("Pod", "recommender-test"),
    ):
        own = environment(rendered.container(kind, name))
        assert own["AWS_ACCESS_KEY_ID"] == secret("keys", "id")
        assert own["AWS_SECRET_ACCESS_KEY"] == secret("keys", "secret-access-key")
    assert not rendered.names("Secret")


def test_keys_given_as_values_end_up_in_secrets_and_nowhere_else(helm: Helm) -> None:
    rendered = helm.template(KEYS_AS_VALUES)
    assert rendered.get("Secret", "recommender-store")["stringData"] == {
        "access-key-id": "id",
        "secret-access-key": "key",
    }
    assert rendered.get("Secret", "recommender-database")["stringData"] == {"password": "secret"}
    assert rendered.get("Secret", "recommender-admin")["stringData"] == {"token": "token"}
    assert rendered.get("Secret", "recommender-metrics")["stringData"] == {"token": "scraping"}
    assert not [name for name in ("trainer", "api", "monitor") if "secret" in rendered.data(name).values()]


def test_the_database_is_named_in_values_and_its_password_in_a_secret(render: Render) -> None:
    rendered = render({"database": {"port": 3307}})
    assert rendered.data("trainer") | {
        "DB_HOST": "mysql.shop",
        "DB_PORT": "3307",
        "DB_NAME": "shop",
        "DB_USER": "recommender",
    } == rendered.data("trainer")
    assert environment(rendered.container("CronJob", "trainer"))["DB_PASSWORD"] == secret("shop-mysql", "password")


def test_a_secret_may_hold_all_of_the_database(helm: Helm) -> None:
    keys = {"host": "host", "port": "port", "name": "database", "user": "username", "password": "pass"}
    values = {"store": {"url": "s3://m"}, "database": {"existingSecret": {"name": "operator", "keys": keys}}}
    rendered = helm.template(values)
    own = environment(rendered.container("CronJob", "trainer"))
    assert {name: own[name] for name in own if name.startswith("DB_")} == {
        f"DB_{name.upper()}": secret("operator", key) for name, key in keys.items()
    }
    assert not [name for name in rendered.data("trainer") if name.startswith("DB_")]


def test_a_secret_may_hold_one_url_of_the_database(helm: Helm) -> None:
    values = {"store": {"url": "s3://m"}, "database": {"existingSecret": {"name": "dsn", "keys": {"url": "uri"}}}}
    rendered = helm.template(values)
    own = environment(rendered.container("CronJob", "trainer"))
    assert own["DATABASE_URL"] == secret("dsn", "uri")
    assert not [name for name in [*own, *rendered.data("trainer")] if name.startswith("DB_")]


def test_a_url_of_the_database_is_a_secret(helm: Helm) -> None:
    url = "mysql://user:pass@mysql:3307/shop"
    rendered = helm.template({"store": {"url": "s3://m"}, "database": {"url": url}})
    assert rendered.get("Secret", "recommender-database")["stringData"] == {"url": url}
    assert environment(rendered.container("CronJob", "trainer"))["DATABASE_URL"] == secret(
        "recommender-database", "url"
    )


def test_only_the_trainer_knows_the_database(helm: Helm) -> None:
    rendered = helm.template(KEYS_AS_VALUES)
    for kind, name in (("Deployment", "api"), ("CronJob", "monitor"), ("Pod", "recommender-test")):
        assert "DB_PASSWORD" not in environment(rendered.container(kind, name))


def test_numbers_are_not_turned_into_powers_of_ten(render: Render) -> None:
    rendered = render(
        {"api": {"settings": {"MAX_BODY_BYTES": 10485760, "POLL_SECONDS": 0.5}}, "settings": {"VIEW_WEIGHT": 0.00001}}
    )
    assert rendered.data("api")["MAX_BODY_BYTES"] == "10485760"
    assert rendered.data("api")["POLL_SECONDS"] == "0.5"
    assert float(rendered.data("trainer")["VIEW_WEIGHT"]) == 0.00001


def test_trainer_and_monitor_share_their_settings(render: Render) -> None:
    rendered = render({"settings": {"MIN_USERS": 0 + 7}, "logging": {"format": "human", "level": "DEBUG"}})
    assert rendered.data("trainer")["MIN_USERS"] == rendered.data("monitor")["MIN_USERS"] == "7"
    for name in ("trainer", "api", "monitor"):
        assert (rendered.data(name)["LOG_FORMAT"], rendered.data(name)["LOG_LEVEL"]) == ("human", "DEBUG")


def test_extra_variables_overrule_what_the_chart_sets(render: Render) -> None:
    more = [{"name": "MODEL_VERSION", "value": "mine"}, {"name": "A", "value": "api's"}]
    rendered = render({"pods": {"extraEnv": [{"name": "A", "value": "everyone's"}]}, "api": {"extraEnv": more}})
    own = environment(rendered.container("Deployment", "api"))
    assert (own["MODEL_VERSION"], own["A"]) == ("mine", "api's")
    assert environment(rendered.container("CronJob", "trainer"))["A"] == "everyone's"
