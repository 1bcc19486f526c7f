"""The page itself: template and stylesheet, put together under a policy that lets nothing else in."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from plots.metric_names import METRIC_NAMES, METRICS
from plots.stylesheet import stylesheet
from plots.templates import environment_of

_FOLDER: Final = Path(__file__).parent
_FILTERS: Final = ("count", "metric", "megabytes", "moment", "percent", "plain", "setting", "spoken")


def page(contents: dict[str, Any]) -> bytes:
    """Fill the template. What is not marked as safe is escaped, and a name that nobody gave is an error."""
    style = stylesheet() + (_FOLDER / "card.css").read_text()
    template = _environment().get_template("card.html.j2")
    html = template.render(
        style=Markup(style),  # noqa: S704 (our own file)
        style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        metrics=METRICS,
        metric_names=METRIC_NAMES,
        **contents,
    )
    return html.encode(errors="replace")


@cache
def _environment() -> Environment:
    return environment_of(_FOLDER, _FILTERS)
