"""Filling the console's templates, under a policy that lets nothing in from elsewhere but the shop's own pictures."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.console.language import LANGUAGES, language_of, translator

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_COOKIE: Final = "console-language"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_FILTERS: Final = ("count", "metric", "megabytes", "moment", "percent", "plain", "seconds", "spoken")
# Pictures are wherever the shop's catalogue says that they are.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: http: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def readers_language(request: Request) -> str:
    """Give the language that the reader chose, or that their browser asks for."""
    return language_of(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))


def page(request: Request, template: str, contents: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Give a page in the reader's language. What is not marked as safe is escaped; a name nobody gave is an error."""
    language = readers_language(request)
    html = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(t=translator(language), language=language, languages=LANGUAGES, here=request.url.path, **contents)
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html.encode(errors="replace"), status_code=status, headers=headers)


@cache
def _environment() -> "Environment":
    from plots.templates import environment_of  # noqa: PLC0415 (Jinja takes time to import, and few look at a server)

    return environment_of(_TEMPLATES, _FILTERS)
