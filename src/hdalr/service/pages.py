"""What a browser opens: the page, its files, the comparison report."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# The report is one file with its own styles and pictures in it, and without scripts.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)
NO_REPORT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>No report yet</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:3rem auto;
max-width:36rem;padding:0 1rem}code{font-size:.95em}</style></head>
<body><h1>No report yet</h1>
<p><code>hdalr compare</code> trains the models side by side and writes
<code>results/digits/report.html</code>. Start the server in the same folder, or with
<code>--report FILE</code>, and it stands here.</p></body></html>
"""


class _Files(StaticFiles):
    """Files of the package, asked for anew each time and sent if they have changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def add_pages(app: FastAPI, report: Path | None) -> None:
    """Add the page's routes; ``report`` is an HTML file, or None."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page() -> Response:
        headers = {"content-security-policy": PAGE_POLICY, "cache-control": "no-cache"}
        return FileResponse(STATIC / "index.html", headers=headers)

    @router.get("/report")
    async def comparison() -> Response:
        headers = {"content-security-policy": REPORT_POLICY}
        if report is None or not report.is_file():
            return HTMLResponse(NO_REPORT, headers=headers)
        return FileResponse(report, media_type="text/html", headers=headers)

    app.include_router(router)
    app.mount("/static", _Files(directory=STATIC), name="static")
