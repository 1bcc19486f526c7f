"""The Secret with a run's certificate: whose it is, and who may read it."""

from collections.abc import Callable

import pytest

from cluster.connection import Connection
from cluster.errors import ClusterRefusedError, ClusterUnavailableError
from cluster.jobs import TrainingJobs
from cluster.own_job import OwnJob
from cluster.run_certificate import RunSecret
from tests.kubernetes.release import Release
from trainer.distributed.certificates import RunCertificate


@pytest.fixture(scope="module")
def certificate() -> RunCertificate:
    return RunCertificate.make()


def secret_of(release: Release, job: str) -> RunSecret:
    """Give the Secret as the pods of a new Job see it."""
    TrainingJobs(release.connection, "trainer").start(job)
    return RunSecret(release.connection, "trainer-dask", OwnJob.find(release.connection, job))


def test_what_the_leading_pod_wrote_its_workers_read(release: Release, certificate: RunCertificate) -> None:
    secret = secret_of(release, "trainer-1")
    assert secret.read() is None
    secret.write(certificate.files())
    assert RunCertificate.of_files(secret.read() or {}) == certificate


def test_secret_goes_with_its_job(release: Release, certificate: RunCertificate) -> None:
    secret = secret_of(release, "trainer-1")
    secret.write(certificate.files())
    found = release.read("core", "secret", "trainer-dask")
    (owner,) = found["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Job", "trainer-1", secret.job.uid)
    assert (found["type"], sorted(found["data"])) == ("kubernetes.io/tls", ["ca.crt", "tls.crt", "tls.key"])


def test_leading_pod_that_was_made_again_writes_over_the_one_before(release: Release) -> None:
    secret = secret_of(release, "trainer-1")
    for certificate in (RunCertificate.make(), RunCertificate.make()):
        secret.write(certificate.files())
        assert secret.read() == certificate.files()


def test_certificate_of_another_run_is_none(release: Release, certificate: RunCertificate) -> None:
    first, second = secret_of(release, "trainer-1"), secret_of(release, "trainer-2")
    first.write(certificate.files())
    assert second.read() is None
    second.write(RunCertificate.make().files())
    assert first.read() is None
    (owner,) = release.read("core", "secret", "trainer-dask")["metadata"]["ownerReferences"]
    assert owner["name"] == "trainer-2"


def test_pod_without_rights_is_told_so(without_rights: Connection) -> None:
    secret = RunSecret(without_rights, "trainer-dask", OwnJob("trainer-1", "uid"))
    with pytest.raises(ClusterRefusedError, match=r"cannot read Secret .*/trainer-dask: .* is forbidden"):
        secret.read()
    with pytest.raises(ClusterRefusedError, match=r"cannot write Secret .*/trainer-dask: .* is forbidden"):
        secret.write({"tls.crt": "", "tls.key": ""})


def test_api_server_that_is_gone_is_to_be_tried_again(out_of_order: Callable[[], Connection]) -> None:
    with pytest.raises(ClusterUnavailableError, match="cannot read Secret"):
        RunSecret(out_of_order(), "trainer-dask", OwnJob("trainer-1", "uid")).read()
