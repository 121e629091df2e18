"""Who may ask the local page, and how much may be sent: asked over real connections."""

import http.client
import json
import re
import socket
import time

import pytest

from riffscope.web import guard
from served import WAIT_S, Events, answer_of, serving


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(autouse=True)
def nothing_left_over(page):
    yield
    for task in page.desk.tasks():
        page.desk.drop(task.id)


def said(answer):
    status, headers, body = answer
    assert headers["content-type"] == "application/json", body
    return status, json.loads(body)["error"]


# --------------------------------------------------------------------------------------------------------- who may ask
def test_the_page_answers_to_its_two_names(page):
    for name in ("127.0.0.1", "localhost", "LOCALHOST"):
        host = f"{name}:{page.port}"
        assert page.ask("GET", "/api/songs", headers=page.headers(Host=host, Origin=None))[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example:PORT",
     "evil.example@127.0.0.1:PORT", "[::1]:PORT", "0.0.0.0:PORT", "127.0.0.1:PORT, evil.example", ""],
)  # fmt: skip
def test_another_name_that_leads_here_is_refused(page, host):
    headers = page.headers(Host=host.replace("PORT", str(page.port)), Origin=None)
    assert said(page.ask("GET", "/api/songs", headers=headers))[0] == 403


def test_no_name_or_two_names_are_refused(page):
    asked = f"GET /api/songs HTTP/1.0\r\nCookie: riffscope-{page.port}=key\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", page.port)) as one:
        one.sendall(asked)
        assert one.makefile("rb").readline().split()[1] == b"403"
    with socket.create_connection(("127.0.0.1", page.port)) as one:
        one.sendall(f"GET / HTTP/1.1\r\nHost: {page.host}\r\nHost: {page.host}\r\n\r\n".encode())
        assert one.makefile("rb").readline().split()[1] in {b"400", b"403"}


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://HOST", "http://HOST.evil.example", "HOST",
     "http://localhost:PORT"],
)  # fmt: skip
def test_only_the_page_itself_changes_anything(page, origin):
    written = None if origin is None else origin.replace("HOST", page.host).replace("PORT", str(page.port))
    wanted = b'{"keep": true}'
    for method, path in (("PUT", "/api/preferences"), ("POST", "/api/tasks"), ("DELETE", "/api/tasks/ab")):
        assert said(page.ask(method, path, wanted, page.headers(Origin=written)))[0] == 403
    assert page.json("GET", "/api/preferences")["keep"] is False


def test_two_origins_are_none(page):
    mine = f"http://{page.host}"
    assert said(page.ask("PUT", "/api/preferences", b"{}", page.headers(Origin=(mine, mine))))[0] == 403


def test_another_origin_reads_nothing_either(page):
    assert said(page.ask("GET", "/api/songs", headers=page.headers(Origin="http://evil.example")))[0] == 403
    assert page.ask("OPTIONS", "/api/songs", headers=page.headers(Origin="http://evil.example"))[0] == 403


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_what_another_site_asks_for_is_refused(page, site, status):
    headers = page.headers(Origin=None, **{"Sec-Fetch-Site": site})
    assert page.ask("GET", "/api/songs", headers=headers)[0] == status
    assert page.ask("GET", "/?token=key", headers=headers)[0] == (303 if status == 200 else 403)


@pytest.mark.parametrize("cookie", [None, "riffscope-PORT=kex", "riffscope-PORT=", "riffscope-1=key", "token=key",
                                    "key", "riffscope-PORT=key2", "riffscope-PORT=k\u00e9y"])  # fmt: skip
def test_without_the_key_nothing_is_told(page, cookie):
    sent = None if cookie is None else cookie.replace("PORT", str(page.port))
    headers = page.headers(Cookie=sent)
    for path in ("/api/songs", "/api/events", "/api/nothing", f"/api/songs/{'a' * 64}"):
        assert said(page.ask("GET", path, headers=headers)) == (403, guard.NO_TOKEN)
    assert said(page.ask("PUT", "/api/preferences", b'{"keep": true}', headers))[0] == 403
    for path in (
        "/",
        "/songs/x",
        "/static/icon.svg",
        "/?token=",
        "/?token=kex",
        "/?token=key&token=key",
        "/x?token=key",
    ):
        status, answered, body = page.ask("GET", path, headers=headers)
        assert (status, answered.get("set-cookie")) == (403, None)
        assert guard.NO_TOKEN in body.decode()


def test_the_printed_address_opens_the_page_and_leaves_the_key_in_a_cookie_that_scripts_cannot_read(page):
    status, headers, _ = page.ask("GET", "/?token=key", headers=page.headers(Cookie=None, Origin=None))
    assert (status, headers["location"]) == (303, "/")
    first, *rest = headers["set-cookie"].split("; ")
    assert first == f"riffscope-{page.port}=key"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rest)
    assert page.ask("GET", "/api/songs", headers=page.headers(Cookie=f"other=1; {first}; last=2"))[0] == 200


def test_an_address_that_others_may_see_opens_the_page_once_and_soon(page, monkeypatch):
    headers, ticket = page.headers(Cookie=None, Origin=None), page.guard.ticket()
    assert [page.ask("GET", f"/?token={ticket}", headers=headers)[0] for _ in range(2)] == [303, 403]
    monkeypatch.setattr(guard, "TICKET_S", -1.0)
    assert page.ask("GET", f"/?token={page.guard.ticket()}", headers=headers)[0] == 403


def test_every_answer_keeps_to_itself(page):
    answers = [
        page.ask("GET", "/?token=key"),
        page.ask("GET", "/api/songs"),
        page.ask("GET", "/nothing"),
        page.ask("GET", "/static/icon.svg"),
        page.ask("GET", "/api/songs", headers=page.headers(Host="evil.example")),
        page.ask("GET", "/", headers=page.headers(Cookie=None)),
        page.ask("POST", "/api/tasks", b"no json"),
        page.ask("PUT", "/api/tasks/ab/song", b"x"),
    ]
    assert [status for status, _, _ in answers] == [303, 200, 404, 200, 403, 403, 400, 409]
    for _, headers, _ in answers:
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] in {"no-store", "no-cache"}
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert not re.search(r"unsafe|\*|http", headers["content-security-policy"])


# ----------------------------------------------------------------------------------------------------- how much is sent
def test_ten_gigabytes_are_refused_before_any_of_them_is_read(page):
    assert (
        said(page.ask("POST", "/api/tasks", json.dumps({"song": {"name": "a.wav", "size": 10**10}}).encode()))[0] == 413
    )
    number = page.open(1000)
    begin = time.monotonic()
    one = page.connect("PUT", f"/api/tasks/{number}/song", length=10**10)
    status, headers, _ = answer_of(one)
    assert (status, headers["connection"]) == (413, "close")
    assert time.monotonic() - begin < 5
    assert page.files() == []
    page.ask("DELETE", f"/api/tasks/{number}")


def test_a_length_that_is_no_number_of_bytes_is_refused(page):
    assert page.ask("PUT", "/api/preferences", None, page.headers(**{"Content-Length": "9" * 18}))[0] == 413
    assert page.ask("PUT", "/api/preferences", None, page.headers(**{"Content-Length": "9" * 30}))[0] in {400, 413}
    assert page.ask("PUT", "/api/preferences", None, page.headers(**{"Content-Length": "-1"}))[0] == 400


def chunks(connection, size, count):
    """Send so many chunks, or as many as are taken."""
    sent = 0
    try:
        for _ in range(count):
            connection.send(f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")
            sent += size
    except OSError:
        pass
    return sent


def test_what_does_not_say_how_long_it_is_is_counted_and_cut(page):
    number = page.open(100_000)
    one = page.connect("PUT", f"/api/tasks/{number}/song", page.headers(**{"Transfer-Encoding": "chunked"}))
    chunks(one, 50_000, 100)
    status, headers, body = answer_of(one)
    assert (status, headers["connection"]) == (413, "close")
    assert page.task(number)["state"] == "failed"
    assert page.left_behind() == []
    assert json.loads(body)["error"] == page.task(number)["reason"]


@pytest.mark.parametrize(("path", "method", "most"), [
    ("/api/preferences", "PUT", guard.MAX_OTHER_BYTES),
    ("/api/tasks", "POST", guard.MAX_OTHER_BYTES),
    ("/api/texts?name=a.txt", "POST", guard.MAX_TEXT_BYTES),
    ("/", "GET", guard.MAX_OTHER_BYTES),
    ("/nothing", "POST", guard.MAX_OTHER_BYTES),
])  # fmt: skip
def test_more_than_may_be_sent_is_refused_with_the_limit(page, path, method, most):
    status, headers, body = page.ask(method, path, b" " * (most + 1))
    assert (status, headers["connection"]) == (413, "close")
    assert guard.in_words(most) in body.decode()


def test_what_does_not_say_how_long_it_is_has_the_same_limits(page):
    one = page.connect("PUT", "/api/preferences", page.headers(**{"Transfer-Encoding": "chunked"}))
    chunks(one, 30_000, 3)
    status, _, body = answer_of(one)
    assert (status, guard.in_words(guard.MAX_OTHER_BYTES) in body.decode()) == (413, True)


def test_who_is_refused_in_the_middle_of_sending_reads_why(page):
    """The connection is closed only after what is still sent was taken: else the answer would be lost."""
    for _ in range(5):
        status, answer = said(page.ask("PUT", "/api/tasks/ab/song", b"x" * 3_000_000))
        assert (status, answer.count("\n")) == (409, 0)


def test_who_stops_sending_is_not_waited_for(page, monkeypatch):
    monkeypatch.setattr(guard, "SILENCE_S", 0.2)
    number = page.open(1000)
    one = page.connect("PUT", f"/api/tasks/{number}/song", length=1000)
    one.send(b"x" * 10)
    assert answer_of(one)[0] == 408
    assert page.task(number)["state"] == "failed"
    assert page.left_behind() == []


def test_one_who_only_listens_is_waited_for(page, monkeypatch):
    monkeypatch.setattr(guard, "SILENCE_S", 0.2)
    events = Events(page)
    assert events.next()[0] == "tasks"
    time.sleep(0.5)
    number = page.open(1000)
    assert events.next()[1]["id"] == number
    events.close()


def test_a_body_that_breaks_its_own_rules_is_lost(page):
    number = page.open(1000)
    one = page.connect("PUT", f"/api/tasks/{number}/song", page.headers(**{"Transfer-Encoding": "chunked"}))
    one.send(b"a\r\n" + b"x" * 10 + b"\r\nno number\r\n")
    assert answer_of(one)[0] == 400
    assert page.becomes(number, "failed")
    assert page.left_behind() == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", ["/api/tasks", "/", "/static/page.css", "/nothing"])
def test_rules_that_are_broken_at_once_are_no_failure_of_ours(page, method, target, caplog):
    """What is asked for arrives together with a body that is none, and is answered while the server still reads."""
    with socket.create_connection(("127.0.0.1", page.port), timeout=WAIT_S) as one:
        head = "".join(f"{name}: {text}\r\n" for name, text in page.headers().items())
        asked = f"{method} {target} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"
        one.sendall(asked.encode())
        answer = http.client.HTTPResponse(one, method=method)
        answer.begin()
        assert answer.status == 400
        assert bool(answer.read()) is (method == "GET")
    assert page.ask("GET", "/api/tasks")[0] == 200
    assert not caplog.records
