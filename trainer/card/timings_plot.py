"""Where the time of the run went."""

from collections.abc import Mapping
from typing import Final

import pygal

from plots.drawing import Caption, drawn, options
from plots.plot import Plot
from plots.scale import scale_of
from plots.wording import seconds, spoken

_TITLE: Final = "Time by step"
_LONGEST_NAME: Final = 20
_BAR_HEIGHT: Final = 24
_AXIS_HEIGHT: Final = 62


def timings_plot(seconds_by_step: Mapping[str, float]) -> Plot:
    """Draw a bar a step, in the order in which they ran."""
    if not seconds_by_step:
        return Plot(_TITLE, "The run did not say how long its steps took.")
    scale = scale_of([0.0, *seconds_by_step.values()])
    steps = list(seconds_by_step.items())[::-1]
    chart = pygal.HorizontalBar(
        **options(
            height=_AXIS_HEIGHT + _BAR_HEIGHT * len(steps),
            range=scale.ends,
            x_labels=[spoken(name)[:_LONGEST_NAME] for name, _ in steps],
            y_labels=[{"value": tick, "label": scale.tell(tick)} for tick in scale.ticks],
            x_title="seconds",
            print_values=True,
            print_values_position="top",
            formatter=seconds,
            margin_right=44,
        )
    )
    chart.add(None, [duration for _, duration in steps])
    told = ", ".join(f"{spoken(name)} {seconds(duration)}" for name, duration in seconds_by_step.items())
    remark = (
        f"{seconds(sum(seconds_by_step.values()))} until this card was written; what came after is in the run's log."
    )
    return Plot(_TITLE, remark, drawn(chart, Caption("plot-timings", _TITLE, f"{told}."), ["candidate"]))
