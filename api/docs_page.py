"""The page at /docs: Swagger UI, from files of ours, since a shop's network may not reach any CDN."""

import base64
import hashlib
import re
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
    """Give the page, which may load what is ours, and run the one script that it holds."""
    found = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Recommender",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
        # Null, or the page asks a server on the internet whether the document is valid.
        swagger_ui_parameters={"validatorUrl": None},
    )
    found.headers["Content-Security-Policy"] = _policy(bytes(found.body))
    return found


def _policy(html: bytes) -> str:
    scripts = re.findall(rb"<script>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'" for one in scripts)
    # Swagger UI writes styles and pictures into its page.
    loads = "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
    nothing_else = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"{nothing_else}; script-src 'self' {hashes}; {loads}"
