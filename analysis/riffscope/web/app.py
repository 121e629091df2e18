"""The page as a program: its addresses, and what is answered where there is nothing or something goes wrong."""

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from riffscope.web import api, pages
from riffscope.web.site import Site

log = logging.getLogger(__name__)

# What a status says that comes with no words of ours.
_IN_WORDS = {404: "There is nothing at this address.", 405: "This cannot be done here."}


def make_app(site: Site) -> Starlette:
    """Make the page that a site stands behind; `riffscope.web.guard` stands before it."""
    app = Starlette(
        routes=[*pages.ROUTES, *api.ROUTES],
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone, OSError: _no_disk, Exception: _failed},
    )
    app.router.redirect_slashes = False
    app.state.site = site
    return app


async def _refused(request: Request, why: Exception) -> Response:
    assert isinstance(why, HTTPException)  # noqa: S101 - it is asked for by its type
    ours = why.detail != _default(why.status_code)
    message = why.detail if ours else _IN_WORDS.get(why.status_code, f"This cannot be done ({why.detail}).")
    answer = pages.refused(request, why.status_code, message)
    answer.headers.update(why.headers or {})
    return answer


async def _gone(request: Request, why: Exception) -> Response:
    log.debug("%s: whoever asked has gone: %r", request.url.path, why)
    return Response(status_code=400)  # nobody reads it


async def _no_disk(request: Request, why: Exception) -> Response:
    log.debug("%s: %r", request.url.path, why)
    reason = why.strerror if isinstance(why, OSError) else None
    return pages.refused(request, 507, f"The disk does not take this, or does not give it: {reason or why}.")


async def _failed(request: Request, why: Exception) -> Response:
    return pages.refused(request, 500, f"riffscope itself failed: {type(why).__name__}: {why}")


def _default(status: int) -> str:
    return HTTPException(status).detail
