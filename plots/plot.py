"""What a plot is to the card."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Key:
    """An entry of a legend: `look` is the class by which the stylesheet draws it."""

    look: str
    label: str


@dataclass(frozen=True)
class Plot:
    """A drawing with its title, legend and a remark below it; or no drawing, and the remark says why."""

    title: str
    remark: str
    svg: Markup | None = None
    keys: tuple[Key, ...] = ()
