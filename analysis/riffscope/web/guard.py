"""Who may ask the local page for anything, and how much they may send: what stands between every request and the page.

A page that is served on this machine can be reached by every other page that is open in the browser, and by every
program. So each request has to be addressed to this machine by name (another name that leads here is an attack by DNS
rebinding), must not come from another site, and has to hold the secret that only the address has which riffscope
printed. What is sent is counted, whatever the request says of its length.

References
----------
Fetch Metadata Request Headers, W3C working draft; RFC 6454 (Origin); RFC 6265bis (SameSite); Content Security Policy
Level 3, W3C working draft.
"""

import asyncio
import hmac
import html
import logging
import re
import secrets
import time
from collections.abc import Iterable
from urllib.parse import parse_qs

import msgspec
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

# The largest file of a song or a stem, the largest text, and the largest of all else.
MAX_SOUND_BYTES, MAX_TEXT_BYTES, MAX_OTHER_BYTES = 500 << 20, 2 << 20, 64 << 10
# A length of more digits is none.
MAX_DIGITS = 19
# Who sends nothing for so long has gone.
SILENCE_S = 60.0
# A request that is refused before it was read to its end is read on for so long, and thrown away: were the connection
# closed at once, the answer could be lost on its way.
LINGER_S = 1.0
# The address that a browser is started with is seen by all users of the machine: it opens the page once, within this.
TICKET_S = 60.0

_SOUND_PATH = re.compile(r"/api/tasks/[^/]*/(?:song|vocals)")
_TEXT_PATH = "/api/texts"

# Our own pages run our own scripts and styles alone, and show nothing from elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; font-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
PAGE = {"content-security-policy": _POLICY.format(ancestors="'none'"), "x-frame-options": "DENY"}
"""Headers of a page of ours."""
FRAMED_PAGE = {"content-security-policy": _POLICY.format(ancestors="'self'"), "x-frame-options": "SAMEORIGIN"}
"""Headers of a page of ours that stands within another."""
FRAMED_REPORT = {"content-security-policy": "frame-ancestors 'self'", "x-frame-options": "SAMEORIGIN"}
"""Headers of a report within a page of ours: what it may do, it says itself, and more strictly than ours do."""
_EVERYWHERE = {
    "x-content-type-options": "nosniff",
    # Other sites are told nothing. With no-referrer, some browsers would not tell us either that our page is asking.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), display-capture=(), midi=(), payment=(), usb=(),"
    " serial=()",
} | PAGE

NO_TOKEN = "Open the address that riffscope serve printed: it holds the key to this page."  # noqa: S105 - a sentence


class Guard:
    """Lets through what may be asked, and gives every answer the headers that keep it on this machine.

    Parameters
    ----------
    app : ASGI application
    port : int
        Where the page is served.
    token : str
        The secret.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app = app
        self._token = token
        ends = (f":{port}", "") if port == 80 else (f":{port}",)
        self._hosts = frozenset(f"{name}{end}" for name in ("127.0.0.1", "localhost") for end in ends)
        # Cookies do not know ports: two servers of one machine would take each other's.
        self._cookie = f"riffscope-{port}"
        self._tickets: dict[str, float] = {}

    def ticket(self) -> str:
        """Return what opens the page in the place of the secret, once and soon."""
        ticket = secrets.token_urlsafe()
        self._tickets[ticket] = time.monotonic() + TICKET_S
        return ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the page answer it."""
        if scope["type"] != "http":  # the server knows nothing else
            return
        exchange = _Exchange(scope, receive, send)
        # Where what came along with the request breaks the rules of HTTP, the server has answered it already, and hears
        # in its next round that the connection has ended.
        await asyncio.sleep(0)
        try:
            refused = self._refused(scope, exchange.headers) or exchange.too_large()
            if refused is not None:
                await exchange.refuse(*refused)
            elif (entrance := self._entrance(scope)) is not None:
                await exchange.answer(303, b"", entrance | {"location": "/"})
            elif not self._holds_token(exchange.headers):
                await exchange.refuse(403, NO_TOKEN)
            else:
                await self._app(scope, exchange.receive, exchange.send)
        except Exception as bug:  # a bug of ours: the others' requests go on
            log.exception("a request failed")
            if not exchange.began:
                await exchange.refuse(500, f"riffscope itself failed: {type(bug).__name__}.")

    # ------------------------------------------------------------------------------------------------------ who may ask
    def _refused(self, scope: Scope, headers: dict[bytes, list[bytes]]) -> tuple[int, str] | None:
        """Say why a request is none of this page's, if so."""
        hosts = [text.decode("latin-1").lower() for text in headers.get(b"host", [])]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 403, "This page answers to 127.0.0.1 and to localhost alone."
        sites = headers.get(b"sec-fetch-site", [])
        if any(site not in {b"same-origin", b"none"} for site in sites):
            return 403, "This page answers to no other site. Type its address, or paste it."
        origins = [text.decode("latin-1").lower() for text in headers.get(b"origin", [])]
        may_change = scope["method"] not in {"GET", "HEAD"}
        if any(origin != f"http://{hosts[0]}" for origin in origins) or (may_change and len(origins) != 1):
            return 403, "Only this page itself may change anything here."
        return None

    def _entrance(self, scope: Scope) -> dict[str, str] | None:
        """Return the cookie for one who brings the secret with the address."""
        if scope["path"] != "/" or scope["method"] not in {"GET", "HEAD"}:
            return None
        brought = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if len(brought) != 1 or not (self._is_token(brought[0]) or self._takes_ticket(brought[0])):
            return None
        return {"set-cookie": f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"}

    def _takes_ticket(self, brought: str) -> bool:
        return time.monotonic() < self._tickets.pop(brought, 0.0)

    def _holds_token(self, headers: dict[bytes, list[bytes]]) -> bool:
        pairs = (pair.strip().partition("=") for line in headers.get(b"cookie", []) for pair in _parts(line))
        return any(name == self._cookie and self._is_token(content) for name, _, content in pairs)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode("utf-8", "surrogatepass"), self._token.encode())


def _parts(line: bytes) -> Iterable[str]:
    return line.decode("latin-1").split(";")


class _Exchange:
    """A request and its answer: what is sent is counted, and the answer gets its headers.

    Attributes
    ----------
    headers : dict
        Of the request: all that were sent under a name in small letters.
    began : bool
        Whether the answer has begun.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers: dict[bytes, list[bytes]] = {}
        for name, content in scope["headers"]:
            self.headers.setdefault(name.lower(), []).append(content)
        self.began = False
        self._path = scope["path"]
        self._receive, self._send = receive, send
        self._limit = limit_of(self._path)
        announced = self.headers.get(b"content-length", [b"0"])[0]
        # Python reads no number of thousands of digits.
        self._announced = int(announced) if len(announced) < MAX_DIGITS else MAX_SOUND_BYTES + 1
        self._taken = 0
        self._read_to_its_end = not self._announced and b"transfer-encoding" not in self.headers

    def too_large(self) -> tuple[int, str] | None:
        """Say that a request announces more than may be sent, if so."""
        return (413, _too_large(self._limit)) if self._announced > self._limit else None

    async def receive(self) -> Message:
        """Take the next part of what is sent.

        Raises
        ------
        HTTPException
            It is more than may be sent, or nothing came.
        """
        if self._read_to_its_end:
            return await self._receive()
        try:
            async with asyncio.timeout(SILENCE_S):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"Nothing arrived for {SILENCE_S:.0f} seconds.") from None
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._read_to_its_end = not message.get("more_body", False)
            if self._taken > self._limit:
                raise HTTPException(413, _too_large(self._limit))
        else:
            self._read_to_its_end = True
        return message

    async def send(self, message: Message) -> None:
        """Send the next part of the answer."""
        if message["type"] == "http.response.start":
            self.began = True
            given = [(name.lower(), content) for name, content in message.get("headers", [])]
            named = {name for name, _ in given}
            ours = [(name.encode(), text.encode()) for name, text in _EVERYWHERE.items() if name.encode() not in named]
            if not self._read_to_its_end:
                ours.append((b"connection", b"close"))
            await self._send({**message, "headers": [*given, *ours]})
        elif self._read_to_its_end or message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._linger()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def refuse(self, status: int, reason: str) -> None:
        """Answer with one line that says why not."""
        await self.answer(status, *refusal(self._path, reason))

    async def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Answer at once."""
        named = [(name.encode(), text.encode()) for name, text in headers.items()]
        length = (b"content-length", str(len(body)).encode())
        await self.send({"type": "http.response.start", "status": status, "headers": [*named, length]})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def _linger(self) -> None:
        """Throw away what is still sent, for a while."""
        try:
            async with asyncio.timeout(LINGER_S):
                while not self._read_to_its_end:
                    message = await self._receive()
                    self._read_to_its_end = message["type"] != "http.request" or not message.get("more_body", False)
        except TimeoutError:
            return


def limit_of(path: str) -> int:
    """Return how many bytes may be sent to an address."""
    if _SOUND_PATH.fullmatch(path):
        return MAX_SOUND_BYTES
    return MAX_TEXT_BYTES if path == _TEXT_PATH else MAX_OTHER_BYTES


def in_words(size: int) -> str:
    """Write a limit: ``500 MB``, ``64 kB``."""
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} kB"


def refusal(path: str, reason: str) -> tuple[bytes, dict[str, str]]:
    """Return one line as the answer to whoever asks: JSON for scripts, else a page without anything else."""
    if is_for_scripts(path):
        return msgspec.json.encode({"error": reason}), {"content-type": "application/json"}
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width"><title>riffscope</title>'
        f"<h1>riffscope</h1><p>{html.escape(reason)}</p></html>"
    )
    return page.encode(), {"content-type": "text/html; charset=utf-8"}


def is_for_scripts(path: str) -> bool:
    """Tell whether an address is asked by scripts rather than shown to people."""
    return path.startswith("/api/")


def _too_large(limit: int) -> str:
    return f"This is larger than {in_words(limit)}, the most that can be taken here."
