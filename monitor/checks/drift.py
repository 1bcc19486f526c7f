"""Whether what the model learned still holds: its neighbours, the events that come in, and what it is asked for."""

from collections.abc import Callable
from functools import partial
from typing import Final

from monitor.checks.judgement import Gauge, Judgement, not_judged
from monitor.holdouts import Rate, concentration_of, rate_of, tried_the_model_in_service
from monitor.observation import Observation
from monitor.recent import Recent, recent
from monitor.settings import MonitorSettings
from registry.history import Run

Figure = Callable[[Run], float | None]

_NOTHING_USUAL: Final = not_judged("no earlier run was promoted that could tell what is usual")
_LOOK_AT_DATA: Final = "Is this the shop, or its data?"


def neighbour_overlap(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the most popular products of the version before have kept their best neighbours."""
    if seen.model.overlap is None:
        return not_judged("there is no version before with neighbours")
    found, told = Gauge(seen.model.overlap, limits.min_neighbour_overlap, "share"), f"{seen.model.overlap:.1%}"
    if seen.model.overlap < limits.min_neighbour_overlap:
        least = f"MIN_NEIGHBOUR_OVERLAP is {limits.min_neighbour_overlap:.0%}"
        return found.warn(f"The most popular products kept {told} of their ten best neighbours, and {least}")
    return found.ok(f"The most popular products kept {told} of their ten best neighbours since the version before")


def event_mix(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether no kind of event is a much larger or smaller part of all than is usual."""
    compared = recent(seen.runs)
    factors = _share_factors(compared) if compared else {}
    if compared is None or not factors:
        return _NOTHING_USUAL
    kind = max(factors, key=lambda one: factors[one])
    found = Gauge(factors[kind], limits.max_event_mix_change, "times")
    told = f"{_share(kind, compared.newest):.1%} of the events are {kind} events"
    against = f"{compared.usual.of(partial(_share, kind)):.1%} is usual ({compared.usual})"
    if found.value > limits.max_event_mix_change:
        most = f"MAX_EVENT_MIX_CHANGE is {limits.max_event_mix_change:g} times"
        return found.warn(f"{told}, where {against}, and {most}. {_LOOK_AT_DATA}")
    return found.ok(f"{told}; {against}")


def events_change(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether there are not suddenly many more, or fewer, events."""
    return _change(seen, limits, "events", lambda run: sum(run.events.values()) or None)


def users_change(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether there are not suddenly many more, or fewer, users."""
    return _change(seen, limits, "users", lambda run: run.n_users)


def products_change(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether there are not suddenly many more, or fewer, products."""
    return _change(seen, limits, "products", lambda run: run.n_products)


def concentration(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether recommendations are not suddenly of far fewer products, by the Gini index of how often each is listed."""
    compared = recent(seen.runs)
    now = concentration_of(compared.newest) if compared else None
    usual = compared.usual.of(concentration_of) if compared else None
    if compared is None or now is None or usual is None:
        return not_judged("too few runs tried their recipe on a holdout")
    found = Gauge(now - usual, limits.max_concentration_rise)
    told = f"The Gini index of recommendations is {now:.2f}, and {usual:.2f} is usual ({compared.usual})"
    if found.value > limits.max_concentration_rise:
        return found.warn(f"{told}: fewer products get most places. MAX_CONCENTRATION_RISE is {found.threshold:g}")
    return found.ok(told)


def unknown_products(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the events that the last run found new were on products that the model in service knew."""
    told = [run for run in seen.runs if "unknown_products_share" in run.data]
    if not told:
        return not_judged("no run has met events that were newer than the model in service")
    share, n_events = told[-1].data["unknown_products_share"], told[-1].data.get("events_since_champion", 0)
    found = Gauge(share, limits.max_unknown_products_share, "share")
    sentence = f"{share:.1%} of {n_events:,.0f} new events were on products that the model in service did not know"
    if share > limits.max_unknown_products_share:
        most = f"MAX_UNKNOWN_PRODUCTS_SHARE is {limits.max_unknown_products_share:.0%}"
        return found.warn(f"{sentence}, and {most}. Train more often, or see trainer.catalogueSql")
    return found.ok(sentence)


def served_quality(seen: Observation, limits: MonitorSettings) -> Judgement:
    """Whether the model in service foresaw what users took up since, as popularity could not do better.

    The lead is the model's hit rate less popularity's; an alarm needs the two 95 % intervals to lie apart.
    """
    for run in reversed(seen.runs):
        ours, theirs = rate_of(run, "champion", "hit_rate"), rate_of(run, "popularity", "hit_rate")
        if ours and theirs and tried_the_model_in_service(run):
            return _lead(ours, theirs, limits.min_hit_rate_lead)
    return not_judged("no run could try the model in service on events that were newer than it")


def _lead(ours: Rate, theirs: Rate, least: float) -> Judgement:
    found = Gauge(ours.mean - theirs.mean, least)
    told = f"The model then in service had listed something that {ours} of the users took up since"
    told = f"{told}, the most popular products something that {theirs} did"
    if ours.high - theirs.low < least:
        return found.warn(f"{told}, and MIN_HIT_RATE_LEAD is {least:g}")
    return found.ok(told)


def _change(seen: Observation, limits: MonitorSettings, what: str, figure: Figure) -> Judgement:
    compared = recent(seen.runs)
    now = figure(compared.newest) if compared else None
    usual = compared.usual.of(figure) if compared else None
    if compared is None or now is None or not usual:
        return _NOTHING_USUAL
    change = now / usual - 1
    found = Gauge(change, limits.max_sudden_change, "share")
    told = f"{now:,} {what}, {change:+.1%} against what is usual ({usual:,.0f}, {compared.usual})"
    if abs(change) > limits.max_sudden_change:
        return found.warn(f"{told}, and MAX_SUDDEN_CHANGE is {limits.max_sudden_change:.0%}. {_LOOK_AT_DATA}")
    return found.ok(told)


def _share_factors(compared: Recent) -> dict[str, float]:
    """Give by how many times each kind's share of the events differs from what is usual, 1 where it does not."""
    factors = {}
    for kind in compared.usual.kinds():
        now, usual = _share(kind, compared.newest), compared.usual.of(partial(_share, kind))
        if now and usual:
            factors[kind] = max(now / usual, usual / now)
    return factors


def _share(kind: str, run: Run) -> float | None:
    total = sum(run.events.values())
    return run.events.get(kind, 0) / total if total else None
