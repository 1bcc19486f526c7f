"""The page at /docs: Swagger UI, from files of ours, since a shop's network may not reach any CDN."""

from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_ASSETS: Final = "/docs/assets"


def add_to(app: FastAPI) -> None:
    """Add the page and its files."""
    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="docs assets")
    app.add_api_route("/docs", page, include_in_schema=False, response_class=HTMLResponse)


async def page() -> HTMLResponse:
    """Give the page."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Recommender",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
        # Null, or the page asks a server on the internet whether the document is valid.
        swagger_ui_parameters={"validatorUrl": None},
    )
