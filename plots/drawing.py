"""Charts by pygal, made fit for the card: no script, style, clock or random id, and text for those who cannot see.

Colours, fonts and line styles are the card's stylesheet, so that they follow light and dark.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup
from pygal.etree import etree
from pygal.style import Style

WIDTH: Final = 440
_HEIGHT: Final = 270
# The size for which room is kept; on a wide screen the stylesheet makes letters smaller.
_FONT_SIZE: Final = 13
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_MEASURES: Final = {"cx", "cy", "d", "height", "r", "transform", "width", "x", "y"}
_SERIES: Final = "serie-"
_UNREAD: Final = {"bar", "bars", "dots", "guide", "histbar", "histbars", "major", "reactive", "tooltip-trigger"}
_DROPPED: Final = {"defs", "desc", "script", "style", "title"}

# pygal leaves a finder for its maps, which are not here: each failed import would warn that it is of an old kind.
sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
# Had lxml been installed, for whatever else, the same chart would be other bytes.
etree.to_etree()


@dataclass(frozen=True)
class Caption:
    """What a chart shows: a name for its elements' ids, a title, and a sentence in place of looking at it."""

    name: str
    title: str
    description: str


def options(**chosen: Any) -> dict[str, Any]:  # noqa: ANN401 (pygal's own)
    """Give the options of any chart, with these ones changed."""
    return {
        "width": WIDTH,
        "height": _HEIGHT,
        "style": Style(label_font_size=_FONT_SIZE, title_font_size=_FONT_SIZE, value_font_size=_FONT_SIZE),
        "css": (),
        "js": (),
        "show_legend": False,
        "margin": 8,
        "margin_right": 24,
        "spacing": 8,
        "truncate_label": -1,
        "no_prefix": True,
        **chosen,
    }


def drawn(chart: pygal.Graph, caption: Caption, looks: Sequence[str]) -> Markup:
    """Give a chart as SVG to stand in HTML; `looks` are the classes by which the stylesheet draws its series."""
    root = chart.render_tree()
    _clean(root)
    _dress(root, looks)
    root.attrib = {
        "class": f"chart {caption.name}",
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-labelledby": f"{caption.name}-title {caption.name}-desc",
    }
    for place, (tag, text) in enumerate((("title", caption.title), ("desc", caption.description))):
        told = ET.Element(tag, {"id": f"{caption.name}-{tag}"})
        told.text = text
        root.insert(place, told)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 (ElementTree escapes)


def _clean(element: ET.Element) -> None:
    """Take away what needs a script, and round what no eye could tell apart."""
    value = next((child.text for child in element if child.tag == "desc" and child.get("class") == "value"), None)
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag in _DROPPED or child.get("class") == "plot tooltip-overlay":
            element.remove(child)
        else:
            _clean(child)
            if child.tag == "g" and not len(child):
                element.remove(child)
    for name in ("rx", "ry"):
        element.attrib.pop(name, None)
    for name in _MEASURES & element.attrib.keys():
        element.set(name, _NUMBER.sub(_rounded, element.attrib[name]))
    if value:
        tooltip = ET.SubElement(element, "title")
        tooltip.text = value


def _dress(root: ET.Element, looks: Sequence[str]) -> None:
    """Give each series its look, and leave no class that only pygal's own script and style would read."""
    for element in root.iter():
        classes = element.get("class", "").split()
        kept = [name for name in classes if name not in _UNREAD and not name.startswith(_SERIES)]
        kept += [looks[int(name.removeprefix(_SERIES))] for name in classes if name.startswith(_SERIES)]
        element.attrib.pop("class", None)
        if kept:
            element.set("class", " ".join(kept))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
