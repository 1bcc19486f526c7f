"""values-local.yaml: a throw-away MinIO and MariaDB with a made-up shop, and nothing to prepare."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.chart.helm import LOCAL, SHOP, Helm, joined
from tests.chart.manifests import Json, Manifests, containers, environment

ALL_REQUESTS_MILLICORES = 1000


def test_it_needs_nothing_of_anybody(local: Manifests) -> None:
    assert local.data("trainer") | {
        "DB_HOST": "mariadb",
        "DB_PORT": "3306",
        "DB_NAME": "shop",
        "DB_USER": "shop",
        "STORE_URL": "s3://recommender/shop",
        "S3_ENDPOINT_URL": "http://minio:9000",
    } == local.data("trainer")
    assert local.names("Deployment") == local.names("Service") == {"api", "minio", "mariadb"}
    assert local.get("Deployment", "api")["spec"]["replicas"] == 2


def test_both_sides_know_the_same_passwords(local: Manifests) -> None:
    def given(secret: str) -> dict[str, str]:
        return dict(local.get("Secret", secret)["stringData"])

    assert given("recommender-database")["password"] == given("mariadb")["password"]
    assert tuple(given("recommender-store").values()) == (given("minio")["user"], given("minio")["password"])
    assert len(given("minio")["password"]) >= 8, "MinIO takes no shorter one"


def test_the_images_are_told_what_the_official_ones_are(local: Manifests) -> None:
    mariadb, minio = local.container("Deployment", "mariadb"), local.container("Deployment", "minio")
    assert {name for name in environment(mariadb) if name.startswith("MARIADB_")} == {
        *("MARIADB_DATABASE", "MARIADB_USER", "MARIADB_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD")
    }
    assert environment(minio).keys() >= {"MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"}
    assert minio["args"] == ["server", "/data"]


def test_images_of_the_parts_have_names_of_their_own(helm: Helm) -> None:
    values = {"local": {"minio": {"image": {"repository": "docker.io/local/minio", "tag": "1"}}}}
    rendered = helm.template(values, "--values", str(LOCAL))
    assert rendered.container("Deployment", "minio")["image"] == "docker.io/local/minio:1"
    assert rendered.container("Deployment", "mariadb")["image"] == "docker.io/library/mariadb:11.8"


def test_all_that_runs_fits_one_core(local: Manifests) -> None:
    per_pod = {
        name: max(_millicores(container) for container in containers(template)) * (2 if name == "Deployment/api" else 1)
        for name, template in local.pod_templates()
    }
    assert sum(per_pod.values()) < ALL_REQUESTS_MILLICORES, per_pod


def test_a_stop_by_hand_is_not_undone_by_an_upgrade(local: Manifests) -> None:
    for name in ("minio", "mariadb"):
        assert "replicas" not in local.get("Deployment", name)["spec"]


def test_the_bucket_outlives_the_release_and_the_shop_does_not(local: Manifests) -> None:
    keep = "helm.sh/resource-policy"
    assert local.get("PersistentVolumeClaim", "minio")["metadata"]["annotations"] == {keep: "keep"}
    assert "annotations" not in local.get("PersistentVolumeClaim", "mariadb")["metadata"]


def test_volumes_made_by_hand_are_asked_for_with_an_empty_class(helm: Helm) -> None:
    def claim(**persistence: object) -> Json:
        rendered = helm.template({"local": {"persistence": persistence}}, "--values", str(LOCAL))
        return dict(rendered.get("PersistentVolumeClaim", "minio")["spec"])

    assert "storageClassName" not in claim()
    assert claim(storageClassName="")["storageClassName"] == ""
    assert claim(storageClassName="fast")["storageClassName"] == "fast"


def test_without_volumes_the_data_go_with_the_pods(helm: Helm) -> None:
    rendered = helm.template({"local": {"enabled": True}})
    assert not rendered.names("PersistentVolumeClaim")
    for name in ("minio", "mariadb"):
        assert {"name": "data", "emptyDir": {}} in rendered.pod("Deployment", name)["volumes"]


def test_one_of_the_two_can_be_used_alone(helm: Helm) -> None:
    store_alone = helm.template(joined({"database": SHOP["database"]}, {"local": _without("mariadb")}))
    assert store_alone.names("Deployment") == {"api", "minio"}
    assert store_alone.data("trainer")["DB_HOST"] == "mysql.shop"
    assert "sample-shop" not in store_alone.names("Job")
    database_alone = helm.template({"store": {"url": "s3://mine"}, "local": _without("minio")})
    assert database_alone.data("trainer")["STORE_URL"] == "s3://mine"
    assert "S3_ENDPOINT_URL" not in database_alone.data("trainer")
    assert "recommender-store" not in database_alone.names("Secret")


def test_a_secret_of_ones_own_overrules_the_throw_away_password(helm: Helm) -> None:
    rendered = helm.template({"database": {"existingSecret": {"name": "wrong"}}}, "--values", str(LOCAL))
    password = environment(rendered.container("CronJob", "trainer"))["DB_PASSWORD"]
    assert password == {"secretKeyRef": {"name": "wrong", "key": "password"}}
    assert rendered.data("trainer")["DB_HOST"] == "mariadb"


def test_the_shop_waits_for_mariadb_and_not_longer(helm: Helm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _wait(helm, server.getsockname()[1]).returncode == 0
    gone = _wait(helm, 9, seconds=0.2)
    assert gone.returncode == 1
    assert "MariaDB does not answer" in gone.stderr


def test_the_bucket_is_made_where_minio_looks_for_it(local: Manifests, tmp_path: Path) -> None:
    flag, script = local.pod("Deployment", "minio")["initContainers"][0]["args"]
    for _ in range(2):  # also where it is there already
        subprocess.run([sys.executable, flag, script.replace("/data/", f"{tmp_path}/")], check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["recommender"]
    assert local.data("trainer")["STORE_URL"].startswith("s3://recommender/")


def _wait(helm: Helm, port: int, seconds: float = 240) -> subprocess.CompletedProcess[str]:
    """Run the script of the waiting container against a port of this machine."""
    rendered = helm.template({}, "--values", str(LOCAL))
    flag, script = rendered.pod("Job", "sample-shop")["initContainers"][0]["args"]
    script = script.replace('("mariadb", 3306)', f'("127.0.0.1", {port})').replace("240", str(seconds))
    return subprocess.run([sys.executable, flag, script], capture_output=True, text=True, check=False)


def _without(part: str) -> dict[str, object]:
    return {"enabled": True, part: {"enabled": False}}


def _millicores(container: Json) -> int:
    return int(str(container["resources"]["requests"]["cpu"]).removesuffix("m"))
