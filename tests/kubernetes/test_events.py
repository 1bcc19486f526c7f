"""What `kubectl describe cronjob trainer` shows of the runs."""

import pytest

from cluster.errors import NotInClusterError
from cluster.events import EventType, record_event
from tests.cluster.control_plane import ControlPlane
from tests.cluster.kubectl import kubectl
from tests.kubernetes.release import Release


def test_kubectl_shows_an_event_with_the_cronjob(control_plane: ControlPlane, release: Release) -> None:
    record_event(release.connection, "trainer", "pod-1", EventType.WARNING, "DataInvalid", "too few users: 3")
    described = kubectl(control_plane.site, "describe", "cronjob", "trainer", f"--namespace={release.namespace}")
    (line,) = [line.split(maxsplit=4) for line in described.splitlines() if "DataInvalid" in line]
    assert line[0] == "Warning"
    assert line[-1].endswith("too few users: 3")
    (event,) = release.events()
    assert (event["reportingInstance"], event["involvedObject"]["kind"]) == ("pod-1", "CronJob")


def test_message_of_any_length_is_recorded(release: Release) -> None:
    record_event(release.connection, "trainer", "p" * 300, EventType.NORMAL, "ModelPromoted", "ü" * 5000)
    (event,) = release.events()
    assert event["message"] == "ü" * 512


def test_missing_cronjob_is_named(release: Release) -> None:
    with pytest.raises(NotInClusterError, match=r'cannot read CronJob .*/no-such: .* "no-such" not found'):
        record_event(release.connection, "no-such", "pod-1", EventType.NORMAL, "ModelPromoted", "m")
