"""Whether what the model was made of is enough, and still comes in."""

from collections.abc import Callable
from typing import Final

from monitor.checks.judgement import Gauge, Judgement, not_judged
from monitor.observation import DAY, Observation
from monitor.settings import MonitorSettings

Alarm = Callable[[Gauge, str], Judgement]

_NO_MODEL: Final = not_judged("no model is in service")
_LOOK_AT_EXPORT: Final = "Does the shop's export still run?"


def users(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model has so many users."""
    return _at_least(seen, "users", limits.min_users, "Too few", Gauge.fail)


def products(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model has so many products."""
    return _at_least(seen, "products", limits.min_products, "Too few", Gauge.fail)


def interactions(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model rests on so many pairs of user and product."""
    return _at_least(seen, "interactions", limits.min_interactions, "Few", Gauge.warn)


def sparsity(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether enough pairs of user and product carry evidence."""
    if seen.figures is None:
        return _NO_MODEL
    found = Gauge(seen.figures.sparsity, limits.max_sparsity, "share")
    if found.value > limits.max_sparsity:
        return found.warn(f"High sparsity: {found.value:.2%}, and MAX_SPARSITY is {limits.max_sparsity:.2%}")
    return found.ok(f"Sparsity is {found.value:.2%}")


def similarity(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether products have neighbours, and enough of them."""
    if seen.figures is None:
        return _NO_MODEL
    found = Gauge(seen.figures.similarity_density, limits.min_similarity_density, "share")
    if found.value == 0:
        return found.fail("No product has a neighbour: every answer is by popularity alone. Lower MIN_CO_OCCURRENCE")
    if found.value < limits.min_similarity_density:
        least = f"MIN_SIMILARITY_DENSITY is {limits.min_similarity_density:.2%}"
        return found.warn(f"Few neighbours: similarity density is {found.value:.2%}, and {least}")
    return found.ok(f"Similarity density is {found.value:.2%}")


def data_age(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the newest event that the model knows is not too old by now."""
    if seen.manifest is None or seen.manifest.data_until is None:
        return not_judged("it is not known when the model's newest event was")
    days = max(0.0, (seen.at - seen.manifest.data_until) / DAY)
    found = Gauge(days, limits.max_data_age_days, "days")
    if days > limits.max_data_age_days:
        told = f"Old data: the newest event was {days:.1f} days ago"
        return found.warn(f"{told}, and MAX_DATA_AGE_DAYS is {limits.max_data_age_days:g}. {_LOOK_AT_EXPORT}")
    return found.ok(f"The newest event that the model knows was {days:.1f} days ago")


def export_lag(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the newest event was not old already when the model was made."""
    if seen.manifest is None or seen.manifest.data_until is None:
        return not_judged("it is not known when the model's newest event was")
    made_for = seen.manifest.as_of or seen.manifest.created_at
    days = max(0.0, (made_for - seen.manifest.data_until) / DAY)
    found = Gauge(days, limits.max_export_lag_days, "days")
    if days > limits.max_export_lag_days:
        told = f"Stale export: the newest event was {days:.1f} days old when the model was made"
        return found.warn(f"{told}, and MAX_EXPORT_LAG_DAYS is {limits.max_export_lag_days:g}. {_LOOK_AT_EXPORT}")
    return found.ok(f"The newest event was {days:.1f} days old when the model was made")


def unchanged_events(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether runs do not read exactly the same events again and again."""
    runs = [run for run in seen.runs if run.events and run.as_of is None]
    if not runs:
        return not_judged("no run has told its events")
    newest = runs[-1]
    differing = [place for place, run in enumerate(runs) if run.events != newest.events]
    first = runs[differing[-1] + 1 if differing else 0]
    days = max(0.0, (newest.timestamp - first.timestamp) / DAY)
    found = Gauge(days, limits.max_unchanged_events_days, "days")
    if days > limits.max_unchanged_events_days:
        told = f"Every run of {days:.1f} days has read exactly {_told(newest.events)}"
        most = f"MAX_UNCHANGED_EVENTS_DAYS is {limits.max_unchanged_events_days:g}"
        return found.warn(f"{told}, and {most}. {_LOOK_AT_EXPORT}")
    return found.ok(f"The last run that got so far has read {_told(newest.events)}")


def _at_least(seen: Observation, what: str, least: int, few: str, alarm: Alarm) -> Judgement:
    """Hold the count of something in the model against the limit MIN_ of its name."""
    if seen.figures is None:
        return _NO_MODEL
    count: int = getattr(seen.figures, f"n_{what}")
    found = Gauge(count, least)
    if count < least:
        return alarm(found, f"{few} {what}: {count:,}, and MIN_{what.upper()} is {least:,}")
    return found.ok(f"{count:,} {what}")


def _told(events: dict[str, int]) -> str:
    return " and ".join(f"{count:,} {kind} events" for kind, count in sorted(events.items()))
