"""One look at the model in service, step by step: see, judge, tell, keep."""

from dataclasses import replace
from datetime import datetime

from monitor import cluster_events, webhook
from monitor.agreement import observe_serving
from monitor.judging import CLUSTER_EVENTS, WEBHOOK, judge
from monitor.observation import observe
from monitor.report import Report, save
from monitor.settings import MonitorSettings
from monitor.telling import Change, Channel, tell
from monitor.timetable import observe_timetable
from monitor.trends import trends_of
from registry.history import read_health
from registry.registry import Registry


def judge_health(registry: Registry, settings: MonitorSettings, at: datetime) -> Report:
    """Judge the model in service, tell what changed, and write health.json.

    Raises StoreUnavailableError, StoreRefusedError.
    """
    serving = observe_serving(registry, settings)  # first: it may move current.json
    seen = replace(observe(registry, at), serving=serving, timetable=observe_timetable(settings, at))
    trends = tuple(trends_of(seen.runs, settings.trend_runs).values())
    report = Report(settings.store_url, seen, judge(seen, settings), trends, settings.runbook_url)
    return save(tell(report, read_health(registry.store), channels_of(settings)), registry.store)


def channels_of(settings: MonitorSettings) -> list[Channel]:
    """Give those who are to be told, as the settings have it."""
    channels = []
    url = settings.monitor_webhook_url
    if url is not None:

        def post(change: Change) -> None:
            webhook.send(url, settings.monitor_webhook_format, change)

        channels.append(Channel(WEBHOOK, post))
    if settings.cluster_namespace is not None:
        channels.append(Channel(CLUSTER_EVENTS, lambda change: cluster_events.record(settings, change)))
    return channels
