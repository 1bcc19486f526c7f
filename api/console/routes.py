"""The console's pages, and what they are made of."""

import logging
from collections.abc import Sequence
from importlib.resources import files
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from api.console.health import health_view
from api.console.language import LANGUAGES
from api.console.pages import LANGUAGE_COOKIE, page, readers_language
from api.console.runs import run_rows
from api.console.trying import Ask, Tried, for_user, listed, similar_to
from api.console.versions import version_rows
from api.services import Parts, Services
from api.training_runs import TrainingRun
from model.model import Model
from plots.stylesheet import stylesheet
from registry.history import Run, read_health, read_history
from registry.manifest import is_version
from registry.objects import ObjectMissingError
from registry.registry import VersionSummary
from runtime.errors import RecommenderError

log = logging.getLogger(__name__)

ASSETS: Final = "/console/assets"
_ON_THE_FRONT: Final = 8
_YEAR_SECONDS: Final = 365 * 86_400
# The card says in its own head what it may load: nothing but the one style that it holds.
_CARD_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

Asked = Annotated[str, Query(max_length=1000)]
router = APIRouter(include_in_schema=False)


def add_to(app: FastAPI) -> None:
    """Add the pages and their files."""
    app.mount(ASSETS, StaticFiles(directory=str(files("api.console") / "assets")), name="console assets")
    app.include_router(router)


@router.get("/")
def overview(request: Request, parts: Parts) -> HTMLResponse:
    """Show what is in service, whether it is well, and how the last runs went."""
    history, trouble = _history(parts)
    served = parts.models.state.served
    return page(
        request,
        "overview",
        {
            "health": health_view(_report(parts)),
            "served": served,
            "problem": parts.models.state.problem or trouble,
            "pointer": None if served is None else served.pointer,
            "under_way": _under_way(parts),
            "runs": run_rows(history, _ON_THE_FRONT),
            "charts": parts.charts.of_quality(history, readers_language(request)),
        },
    )


@router.get("/console/style.css")
def style() -> Response:
    """Give the console's stylesheet."""
    own = (files("api.console") / "console.css").read_text()
    return Response(stylesheet() + own, media_type="text/css")


@router.get("/console/health")
def health(request: Request, parts: Parts) -> HTMLResponse:
    """Show each check of the monitor's last report."""
    return page(request, "health", {"health": health_view(_report(parts))})


@router.get("/console/versions")
def versions(request: Request, parts: Parts) -> HTMLResponse:
    """Show the versions in the store, and their metrics over time."""
    history, trouble = _history(parts)
    try:
        rows = version_rows(parts.registry.versions(), history, parts.registry.pointer_state().pointer)
    except RecommenderError as error:
        rows, trouble = [], str(error)
    charts = parts.charts.of_all(history, readers_language(request))
    return page(request, "versions", {"versions": rows, "charts": charts, "problem": trouble})


@router.get("/console/versions/{version}/card")
def card(request: Request, parts: Parts, version: str) -> Response:
    """Show a version's model card, as the trainer made it."""
    try:
        if not is_version(version):
            raise ObjectMissingError(version)
        body = parts.registry.card(version)
    except RecommenderError as error:
        return page(request, "missing", {"problem": str(error)}, status=404)
    return HTMLResponse(body, headers={"Content-Security-Policy": _CARD_POLICY})


@router.get("/console/runs")
def runs(request: Request, parts: Parts) -> HTMLResponse:
    """Show how the trainer's runs ended."""
    history, trouble = _history(parts)
    return page(request, "runs", {"runs": run_rows(history), "n_runs": len(history), "problem": trouble})


@router.get("/console/try")
def try_it(
    request: Request,
    parts: Parts,
    product: Asked = "",
    user: Asked = "",
    against: Asked = "",
) -> HTMLResponse:
    """Show a product's list or a user's, of the model in service and of another version beside it."""
    served = parts.models.state.served
    names = [summary.version for summary in reversed(_versions(parts))]
    tried = _tried(parts, product or user, similar_to if product else for_user, against) if product or user else []
    contents = {"product": product, "user": user, "against": against, "versions": names, "tried": tried}
    return page(request, "try", {**contents, "served": served})


@router.get("/console/language/{language}")
def choose_language(language: str, back: Asked = "/") -> RedirectResponse:
    """Remember a language, and go back to the page that it was chosen on."""
    # Only a path of ours: whoever made the link must not send readers elsewhere.
    answer = RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, samesite="lax", httponly=True)
    return answer


def _tried(parts: Services, asked: str, ask: Ask, against: str) -> list[Tried]:
    served = parts.models.state.served
    if served is None:
        return [Tried("", problem=parts.models.state.problem or "")]
    is_erased = ask is for_user and asked in served.erased
    sides = [_side(served.version, served.model, asked, ask, is_erased=is_erased)]
    if is_version(against) and against != served.version:
        try:
            model = parts.other_versions.load(against)
        except RecommenderError as error:
            return [*sides, Tried(against, problem=str(error))]
        sides.append(_side(against, model, asked, ask, is_erased=is_erased))
    return sides


def _side(version: str, model: Model, asked: str, ask: Ask, *, is_erased: bool) -> Tried:
    found = None if is_erased else ask(model, asked)
    return Tried(version, problem="unknown") if found is None else Tried(version, listed(model, *found))


def _versions(parts: Services) -> Sequence[VersionSummary]:
    try:
        return parts.registry.versions()
    except RecommenderError:
        return []


def _under_way(parts: Services) -> TrainingRun | None:
    """Give the run that goes on now; where that cannot be asked, the page has more to tell than this."""
    try:
        return parts.runs.under_way()
    except RecommenderError as error:
        log.warning("The console does not know whether a run is under way: %s", error)
        return None


def _history(parts: Services) -> tuple[list[Run], str]:
    """Give the runs, and why there are none where the store cannot be asked."""
    try:
        return read_history(parts.registry.store), ""
    except RecommenderError as error:
        return [], str(error)


def _report(parts: Services) -> dict[str, Any] | None:
    try:
        return read_health(parts.registry.store)
    except RecommenderError:
        return None
