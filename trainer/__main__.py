"""`python -m trainer`: train once, start that as a Job, plan it, list versions, roll back, make the sample shop."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cluster.settings import ClusterSettings
from registry.history import Run
from registry.registry import Registry
from registry.settings import StoreSettings, open_store
from runtime.arguments import ArgumentParser
from runtime.errors import Exit
from runtime.logs import set_up_logging
from runtime.process import run
from trainer.run_report import report_run


def main() -> Exit:
    """Do what the arguments say."""
    arguments = _parser().parse_args()
    _COMMANDS[arguments.command](arguments)
    return Exit.DONE


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog="python -m trainer",
        description="Train a model and put it in service. Settings come from the environment: see docs/reference.md.",
    )
    parser.add_argument("--force", metavar="REASON", help="put the model in service even where the gate rejects it")
    parser.add_argument("--as-of", metavar="TIME", help="train on what was known at an earlier time, in UTC")
    parser.add_argument("--promote", action="store_true", default=None, help="put such a backfill in service")
    parser.add_argument(
        "--dask",
        metavar="WHERE",
        help="share the work with workers of Dask: local, local:N, tcp://HOST:PORT, tls://HOST:PORT, job",
    )
    commands = parser.add_subparsers(dest="command", parser_class=ArgumentParser)
    start = commands.add_parser("start", help="in a cluster: make a Job of the trainer's CronJob, and return")
    start.add_argument("--name", help="how the Job's name ends (default: a new name each time)")
    plan = commands.add_parser("plan", help="say how much memory and time the next run will need; nothing is written")
    plan.add_argument("--format", choices=["human", "json"], default="human", help="for whom (default: human)")
    commands.add_parser("versions", help="list the versions in the store")
    rollback = commands.add_parser("rollback", help="put an earlier version back in service")
    rollback.add_argument("version", nargs="?", help="by default the previous one")
    commands.add_parser("worker", help="in a pod of a distributed run: work for the pod that leads it")
    commands.add_parser("sample-shop", help="fill an empty database with a made-up shop")
    return parser


def _train(arguments: argparse.Namespace) -> None:
    from trainer.distributed.settings import DistributedSettings  # noqa: PLC0415 (the other commands need none of it)

    # All pods of a Job have one template: in all but one of them this container has nothing to do.
    where = DistributedSettings.load(**_given(arguments, "dask"))
    if not where.is_left_to_leading_pod:
        report_run(lambda: _train_once(arguments))


def _train_once(arguments: argparse.Namespace) -> Run:
    from trainer.pipeline import train_once  # noqa: PLC0415 (the other commands need no database driver)
    from trainer.settings import TrainerSettings  # noqa: PLC0415

    settings = TrainerSettings.load(**_given(arguments, *_RUN_SETTINGS))
    set_up_logging(settings)
    return train_once(settings)


def _given(arguments: argparse.Namespace, *names: str) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def _start(arguments: argparse.Namespace) -> None:
    from cluster.connection import connect  # noqa: PLC0415 (the kubernetes client takes 0.3 s to import)
    from cluster.errors import ConflictError  # noqa: PLC0415
    from cluster.jobs import TrainingJobs  # noqa: PLC0415

    settings = ClusterSettings.load()
    set_up_logging(settings)
    jobs = TrainingJobs(connect(settings), settings.trainer_cronjob)
    name = jobs.new_name(arguments.name)
    try:
        jobs.start(name)
        sys.stdout.write(f"Started Job {name}: kubectl logs --follow job/{name}\n")
    except ConflictError:  # an install hook that runs once more has nothing left to do
        sys.stdout.write(f"Job {name} is there already: kubectl logs job/{name}\n")


def _plan(arguments: argparse.Namespace) -> None:
    from trainer.planning.page import plan_page  # noqa: PLC0415 (the other commands need no database driver)
    from trainer.planning.plan import as_json, make_plan  # noqa: PLC0415
    from trainer.settings import TrainerSettings  # noqa: PLC0415

    settings = TrainerSettings.load(**_given(arguments, "dask"))
    set_up_logging(settings)
    plan = make_plan(settings)
    text = json.dumps(as_json(plan), ensure_ascii=False) + "\n" if arguments.format == "json" else plan_page(plan)
    sys.stdout.write(text)


def _versions(_arguments: argparse.Namespace) -> None:
    settings = StoreSettings.load()
    set_up_logging(settings)
    registry = Registry(open_store(settings))
    state = registry.pointer_state()
    for summary in reversed(registry.versions()):
        in_service = state.pointer is not None and state.pointer.version == summary.version
        published, size = f"{summary.published_at:%Y-%m-%d %H:%M:%S} UTC", f"{summary.size_bytes:>12,} bytes"
        sys.stdout.write(f"{summary.version}  {published}  {size}{'  current' if in_service else ''}\n")
    if state.damage:
        sys.stdout.write(f"No version is current: {state.damage}\n")


def _roll_back(arguments: argparse.Namespace) -> None:
    from model.golden import golden_answers  # noqa: PLC0415 (the other commands need no model)
    from serving.rollback import roll_back  # noqa: PLC0415
    from trainer.platform_choice import PlatformSettings, platform_of  # noqa: PLC0415

    settings = PlatformSettings.load()
    set_up_logging(settings)
    registry, platform = Registry(open_store(settings)), platform_of(settings)
    with tempfile.TemporaryDirectory() as folder:
        by = f"rollback by {os.getenv('USER', 'unknown')}"
        pointer = roll_back(registry, platform, arguments.version, by, Path(folder))
        golden = golden_answers(registry.load(pointer.version, Path(folder)))
    sys.stdout.write(f"Current model: {pointer.version} (before: {pointer.previous or 'none'})\n")
    sys.stdout.flush()
    platform.wait(pointer.version, golden, lambda: None)


def _work(_arguments: argparse.Namespace) -> None:
    from trainer.distributed.settings import WorkerSettings  # noqa: PLC0415 (the other commands need none of it)

    settings = WorkerSettings.load()
    set_up_logging(settings)
    settings.check_is_in_job()
    if settings.is_leading:  # its own container runs the pipeline
        return
    from trainer.distributed.worker_of_job import work_for_job  # noqa: PLC0415 (Dask takes 0.5 s to import)

    work_for_job(settings)


def _sample_shop(_arguments: argparse.Namespace) -> None:
    from trainer.sample_shop.tables import fill  # noqa: PLC0415
    from trainer.settings import TrainerSettings  # noqa: PLC0415

    settings = TrainerSettings.load()
    set_up_logging(settings)
    fill(settings.sqlalchemy_url())


# The options of a run, each of them a setting too: a Job of the CronJob is given environment more easily.
_RUN_SETTINGS: Final = ("force", "as_of", "promote", "dask")
_COMMANDS: Final[dict[str | None, Callable[[argparse.Namespace], None]]] = {
    None: _train,
    "start": _start,
    "plan": _plan,
    "versions": _versions,
    "rollback": _roll_back,
    "worker": _work,
    "sample-shop": _sample_shop,
}

if __name__ == "__main__":
    run(main)
