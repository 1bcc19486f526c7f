"""The memory that a process may have, as control groups of both versions say it."""

import os
from pathlib import Path

import pytest

from trainer.planning.limits import MemoryLimit, memory_limit

V1_NO_LIMIT = "9223372036854771712"


def machine(root: Path, own_groups: str, limits: dict[str, str]) -> Path:
    """Write the files by which a process learns of its control group, below a folder."""
    for path, text in {
        "proc/self/cgroup": own_groups,
        **{f"sys/fs/cgroup/{name}": limits[name] for name in limits},
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def limit_of(root: Path) -> int | None:
    limit = memory_limit(None, root)
    return limit.n_bytes if limit else None


def test_version_2_in_a_container_says_it_at_the_root(tmp_path: Path) -> None:
    machine(tmp_path, "0::/\n", {"memory.max": "2147483648\n"})
    assert memory_limit(None, tmp_path) == MemoryLimit(2147483648, str(tmp_path / "sys/fs/cgroup/memory.max"))


def test_version_2_says_max_where_there_is_no_limit(tmp_path: Path) -> None:
    machine(tmp_path, "0::/\n", {"memory.max": "max\n"})
    assert limit_of(tmp_path) is None


def test_version_2_is_read_at_the_process_s_own_group(tmp_path: Path) -> None:
    limits = {"kubepods/pod1/memory.max": "300000000\n", "kubepods/pod2/memory.max": "1\n"}
    machine(tmp_path, "0::/kubepods/pod1\n", limits)
    assert limit_of(tmp_path) == 300000000


def test_a_group_above_limits_too(tmp_path: Path) -> None:
    limits = {
        "kubepods/pod1/c/memory.max": "max\n",
        "kubepods/pod1/memory.max": "500\n",
        "kubepods/memory.max": "900\n",
    }
    machine(tmp_path, "0::/kubepods/pod1/c\n", limits)
    assert limit_of(tmp_path) == 500


def test_version_1_in_a_container_sees_its_own_group_at_the_root_of_the_mount(tmp_path: Path) -> None:
    groups = "4:memory:/kubepods/pod1/c\n2:cpu,cpuacct:/kubepods/pod1/c\n1:name=systemd:/\n"
    machine(tmp_path, groups, {"memory/memory.limit_in_bytes": "1073741824\n"})
    assert memory_limit(None, tmp_path) == MemoryLimit(
        1073741824, str(tmp_path / "sys/fs/cgroup/memory/memory.limit_in_bytes")
    )


def test_version_1_says_a_huge_number_where_there_is_no_limit(tmp_path: Path) -> None:
    machine(tmp_path, "4:memory:/\n", {"memory/memory.limit_in_bytes": f"{V1_NO_LIMIT}\n"})
    assert limit_of(tmp_path) is None


def test_version_1_and_2_side_by_side(tmp_path: Path) -> None:
    limits = {"memory/a/memory.limit_in_bytes": "700\n", "memory/memory.limit_in_bytes": V1_NO_LIMIT}
    machine(tmp_path, "4:memory:/a\n0::/\n", limits)
    assert limit_of(tmp_path) == 700


@pytest.mark.parametrize("own_groups", ["", "nonsense\n", "0::/../outside\n", "4:cpu:/\n"])
def test_a_machine_that_says_nothing_has_no_known_limit(tmp_path: Path, own_groups: str) -> None:
    machine(tmp_path, own_groups, {"memory/memory.limit_in_bytes": "700\n"})
    assert limit_of(tmp_path) is None


def test_no_proc_at_all_is_no_known_limit(tmp_path: Path) -> None:
    assert limit_of(tmp_path) is None


def test_a_file_that_may_not_be_read_or_holds_nonsense_says_nothing(tmp_path: Path) -> None:
    machine(tmp_path, "0::/a\n", {"a/memory.max": "many\n"})
    (tmp_path / "sys/fs/cgroup/memory.max").mkdir()
    assert limit_of(tmp_path) is None


def test_the_setting_wins(tmp_path: Path) -> None:
    machine(tmp_path, "0::/\n", {"memory.max": "1000\n"})
    assert memory_limit("1Gi", tmp_path) == MemoryLimit(2**30, "MEMORY_LIMIT")


def test_this_machine_s_own_files_can_be_read() -> None:
    limit = memory_limit(None)
    assert limit is None or (limit.n_bytes > 0 and os.access(limit.source, os.R_OK))
