"""Whether no figure goes the wrong way for many runs, though none of them alone is an alarm."""

from typing import Final

from monitor.checks.judgement import Gauge, Judgement, not_judged
from monitor.observation import Observation
from monitor.settings import MonitorSettings
from monitor.trends import LEAST_RUNS, Trend, trends_of

_TOO_FEW: Final = not_judged(f"fewer than {LEAST_RUNS} promoted runs tell of it")
# Whatever becomes of a run that takes seconds is nobody's concern.
_LEAST_SECONDS_MORE: Final = 60.0


def duration_trend(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether runs do not take ever longer."""
    trend = trends_of(seen.runs, limits.trend_runs).get("duration_seconds")
    if trend is None or trend.change is None:
        return _TOO_FEW
    found = Gauge(trend.change, limits.max_duration_growth, "share")
    told = f"Runs take {trend.change:+.0%} over the last {len(trend.values)} promoted ones ({_ends(trend, 's')})"
    if trend.change > limits.max_duration_growth and trend.slope * len(trend.values) > _LEAST_SECONDS_MORE:
        most = f"MAX_DURATION_GROWTH is {limits.max_duration_growth:.0%}"
        return found.warn(f"{told}, and {most}. `python -m trainer plan` says what the next one needs")
    return found.ok(told)


def size_trend(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model does not rest on ever fewer interactions."""
    trend = trends_of(seen.runs, limits.trend_runs).get("n_interactions")
    if trend is None or trend.change is None:
        return _TOO_FEW
    found = Gauge(trend.change, -limits.max_size_loss, "share")
    told = f"Interactions went {trend.change:+.0%} over the last {len(trend.values)} promoted runs ({_ends(trend)})"
    if trend.change < -limits.max_size_loss:
        return found.warn(f"{told}, and MAX_SIZE_LOSS is {limits.max_size_loss:.0%}. Does the shop lose its history?")
    return found.ok(told)


def quality_trend(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the recipe does not do ever worse on what users took up next."""
    trend = trends_of(seen.runs, limits.trend_runs).get("ndcg")
    if trend is None or trend.change is None:
        return _TOO_FEW
    found = Gauge(trend.change, -limits.max_quality_loss, "share")
    ends = f"{trend.values[0]:.3f} to {trend.values[-1]:.3f}"
    told = f"ndcg on the holdout went {trend.change:+.0%} over the last {len(trend.values)} promoted runs ({ends})"
    if trend.change < -limits.max_quality_loss:
        return found.warn(f"{told}, and MAX_QUALITY_LOSS is {limits.max_quality_loss:.0%}")
    return found.ok(told)


def _ends(trend: Trend, unit: str = "") -> str:
    first, last = trend.values[0], trend.values[-1]
    return f"{first:,.0f} to {last:,.0f} {unit}".rstrip()
