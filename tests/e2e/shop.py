"""A release of the chart in a namespace of its own, and what its operator and its shop do with it."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from registry.registry import Registry
from registry.s3 import S3Store
from tests.e2e.commands import Cluster
from tests.e2e.port_forward import lasting_port_forward, port_forward

CHART: Final = Path(__file__).parents[2] / "charts" / "recommender"
RELEASE: Final = "recommender"
TOKEN: Final = "throw-away"  # what values-local.yaml says
_RESTRICTED: Final = "pod-security.kubernetes.io/enforce=restricted"
_BUCKET, _PREFIX = "recommender", "shop"
_SIGN_IN: Final = {"AWS_ACCESS_KEY_ID": "shop", "AWS_SECRET_ACCESS_KEY": "throw-away", "AWS_REGION": "us-east-1"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """How a Job of the trainer or the monitor ended, its pods in the order they were made."""

    job: Json
    pods: list[Json]
    logs: list[str]

    @property
    def succeeded(self) -> bool:
        return bool(self.job["status"].get("succeeded", 0) == 1)

    @property
    def exit_codes(self) -> list[int]:
        return [state["exitCode"] for state in self.ends]

    @property
    def ends(self) -> list[Json]:
        return [pod["status"]["containerStatuses"][0]["state"]["terminated"] for pod in self.pods]

    def log_lines(self, **wanted: str) -> list[Json]:
        """Give the lines of all pods' logs that have the given fields, as the JSON that they are."""
        lines = [json.loads(line) for log in self.logs for line in log.splitlines() if line.startswith("{")]
        return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]


class Shop:
    """A namespace that enforces Pod Security `restricted`, with a release of the chart."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.namespace = f"shop-{uuid.uuid4().hex[:8]}"
        cluster.kubectl("create", "namespace", self.namespace)
        cluster.kubectl("label", "namespace", self.namespace, _RESTRICTED)

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        return self.cluster.kubectl(f"--namespace={self.namespace}", *arguments, given=given)

    def read(self, *arguments: str) -> Any:  # noqa: ANN401 (JSON)
        return self.cluster.read(*arguments, f"--namespace={self.namespace}")

    def helm(self, command: str, *options: str) -> str:
        return self.cluster.helm(command, RELEASE, *options, f"--namespace={self.namespace}")

    def install(self, *options: str) -> str:
        """Install the chart with values-local.yaml, and give what helm says."""
        values = (str(CHART), f"--values={CHART / 'values-local.yaml'}", *self.cluster.values)
        return self.helm("install", *values, *options)

    def upgrade(self, *options: str) -> str:
        return self.helm("upgrade", str(CHART), "--reset-then-reuse-values", *options)

    def wait_for_rollout(self, seconds: int = 120) -> None:
        self.kubectl("rollout", "status", "deployment/api", f"--timeout={seconds}s")

    def start(
        self, cronjob: str = "trainer", environment: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> str:
        """Make a Job by hand, and give its name; environment and arguments come on top of the CronJob's."""
        name = f"by-hand-{uuid.uuid4().hex[:6]}"
        create = ("create", "job", f"--from=cronjob/{cronjob}", name)
        if environment is None:
            self.kubectl(*create)
            return name
        job = json.loads(self.kubectl(*create, "--dry-run=client", "--output=json"))
        container = job["spec"]["template"]["spec"]["containers"][0]
        container["env"] += [{"name": name, "value": value} for name, value in environment.items()]
        container["args"] = [*container.get("args", []), *arguments]
        self.kubectl("create", "--filename=-", given=json.dumps(job))
        return name

    def ended(self, job: str, seconds: float = 120) -> Run:
        """Wait for a Job's end."""
        found = self.until(lambda: self._ended_job(job), f"Job {job} ends", seconds)
        pods = self.pods_of(job)
        logs = [self.kubectl("logs", pod["metadata"]["name"]) for pod in pods]
        return Run(found, pods, logs)

    def run(self, cronjob: str = "trainer", environment: Mapping[str, str] | None = None) -> Run:
        """Make a Job by hand and wait for its end."""
        return self.ended(self.start(cronjob, environment))

    def pods_of(self, job: str) -> list[Json]:
        found = self.read("pods", f"--selector=batch.kubernetes.io/job-name={job}")["items"]
        return sorted(found, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))

    def replicas(self) -> list[Json]:
        """Give the API's pods, but those that are on their way out."""
        found = self.read("pods", "--selector=app.kubernetes.io/component=api")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def pinned_versions(self) -> set[str | None]:
        """Give the version that each of the API's pods is pinned to."""
        return {pod["metadata"].get("annotations", {}).get("recommender/model-version") for pod in self.replicas()}

    def events(self, reason: str) -> list[Json]:
        return list(self.read("events", f"--field-selector=reason={reason}")["items"])

    def current_version(self) -> str:
        with self.registry() as registry:
            pointer = registry.current()
        assert pointer, "there is no current model"
        return pointer.version

    @contextmanager
    def api(self) -> Iterator[str]:
        """Give an address at which one replica answers from here."""
        with port_forward(self.cluster, self.namespace, "service/api", 80) as port:
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def api_across_rollouts(self) -> Iterator[str]:
        """Give an address at which some replica answers from here, but for moments while they are exchanged."""
        with lasting_port_forward(self.cluster, self.namespace, "service/api", 80) as port:
            yield f"http://127.0.0.1:{port}"

    @contextmanager
    def registry(self) -> Iterator[Registry]:
        """Look into the throw-away MinIO."""
        forwarded = port_forward(self.cluster, self.namespace, "service/minio", 9000)
        with forwarded as port, pytest.MonkeyPatch.context() as environment:
            for name, value in _SIGN_IN.items():
                environment.setenv(name, value)
            yield Registry(S3Store(_BUCKET, _PREFIX, f"http://127.0.0.1:{port}"))

    def limited_keys(self, policy: Json) -> dict[str, str]:
        """Give keys of the throw-away MinIO that a policy limits, as settings."""
        with port_forward(self.cluster, self.namespace, "service/minio", 9000) as port:
            signed = boto3.Session(_SIGN_IN["AWS_ACCESS_KEY_ID"], _SIGN_IN["AWS_SECRET_ACCESS_KEY"], region_name="any")
            sts = signed.client("sts", endpoint_url=f"http://127.0.0.1:{port}")
            role = {"RoleArn": "arn:minio:iam:::role/of-none", "RoleSessionName": "limited"}  # MinIO looks at neither
            given = sts.assume_role(**role, Policy=json.dumps(policy))["Credentials"]
        limited = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), limited, strict=True))

    def sql(self, statements: str) -> str:
        """Have the throw-away MariaDB do something."""
        client = ("mariadb", "--user=shop", "--password=throw-away", "--skip-column-names", "shop")
        return self.kubectl("exec", "--stdin", "deployment/mariadb", "--", *client, given=statements)

    def scale(self, deployment: str, replicas: int) -> None:
        """Stop one of the throw-away parts, or start it again, and wait until it is so."""
        self.kubectl("scale", f"deployment/{deployment}", f"--replicas={replicas}")
        if replicas:
            self.kubectl("rollout", "status", f"deployment/{deployment}", "--timeout=120s")
        else:
            selector = f"--selector=app.kubernetes.io/component={deployment}"
            self.kubectl("wait", "--for=delete", "pod", selector, "--timeout=60s")

    def until(self, true: Callable[[], Any], what: str, seconds: float = 60) -> Any:  # noqa: ANN401 (what `true` gave)
        """Wait for something to become true, and give it."""
        deadline = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}\n{self._overview()}"
            time.sleep(0.3)
        return found

    def _ended_job(self, name: str) -> Json | None:
        job: Json = self.read("job", name)
        ended = {"Complete", "Failed"} & {one["type"] for one in job["status"].get("conditions", [])}
        return job if ended else None

    def _overview(self) -> str:
        events = self.kubectl("get", "events", "--sort-by=.lastTimestamp").splitlines()[-25:]
        return "\n".join([self.kubectl("get", "pods,jobs", "--output=wide"), *events])
