"""The addresses of the local page, asked over real connections: uploads, the library, texts, reports, what changes."""

import asyncio
import contextlib
import json
import threading
import time
from pathlib import Path

import pytest

from riffscope.library.corrections import Corrections, NamedSection, correct, corrections_of
from riffscope.library.heads import analysis_name, copy_name
from riffscope.library.kept_files import keep_file, kept_file
from riffscope.library.place import LocalPlace
from riffscope.library.store import Store
from riffscope.web import uploads
from riffscope.web.events import Listener
from riffscope.web.preferences import Preferences, PreferencesFile
from riffscope.web.tasks import LibraryChanged, Task, TaskChanged, TaskGone
from riffscope.web.texts import MAX_TEXTS, Texts
from served import WAIT_S, Events, answer_of, serving
from songs import HOSTILE_TITLES, example_song

TITLES = ("Closet Heartbeat", '<script>alert(1)</script> & "more"')
TRICKS = ("..", "../../x", "%2e%2e", "..%2f..%2fx", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "a%00.wav", "/etc/passwd",
          "%2fetc%2fpasswd", "C:%5cx", "..%5cx", "a" * 10_000, "%3Cscript%3E", "%F0%9F%8E%B5", "%ff%fe", "A" * 64,
          "0" * 63, "0" * 65, ".", "~", "*", "%0d%0aSet-Cookie:%20a=b")  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def songs(page):
    """Two songs of its library, by their hashes."""
    store, hashes = Store(page.library), []
    for number, title in enumerate(TITLES):
        song = example_song(duration_s=60.0, title=title)
        sha256 = f"{number + 1:064x}"
        object.__setattr__(song.source, "sha256", sha256)
        store.keep(song)
        page.shelf.renew(sha256)
        hashes.append(sha256)
    return hashes


@pytest.fixture(autouse=True)
def nothing_left_over(page):
    yield
    page.press.refuses = page.press.breaks = None
    for task in page.desk.tasks():
        page.desk.drop(task.id)


# ------------------------------------------------------------------------------------------------------------- uploads
def test_a_song_and_its_vocals_arrive_whole_and_wait_to_be_measured(page):
    song, vocals = b"s" * 300_000, b"v" * 200_000
    number = page.open(len(song), vocals={"name": "voice.wav", "size": len(vocals)}, keep=True)
    assert page.ask("PUT", f"/api/tasks/{number}/vocals", vocals)[0] == 204
    assert page.task(number)["state"] == "arriving"
    assert page.ask("PUT", f"/api/tasks/{number}/song", song)[0] == 204
    assert page.task(number)["state"] == "waiting"
    assert page.files() == [f"{number}/song", f"{number}/vocals"]
    assert (page.library / "uploads" / number / "song").read_bytes() == song
    assert (page.library / "uploads" / number / "vocals").read_bytes() == vocals


def test_a_file_that_is_not_awaited_is_refused(page):
    number = page.open(10)
    assert page.ask("PUT", f"/api/tasks/{number}/vocals", b"x" * 10)[0] == 409
    assert page.ask("PUT", f"/api/tasks/{number}/song", b"x" * 10)[0] == 204
    assert page.ask("PUT", f"/api/tasks/{number}/song", b"x" * 10)[0] == 409
    assert page.ask("PUT", f"/api/tasks/{'0' * 16}/song", b"x" * 10)[0] == 409
    assert page.task(number)["state"] == "waiting"


@pytest.mark.parametrize("sent", [9, 11])
def test_a_file_that_is_not_as_long_as_was_said_is_lost(page, sent):
    number = page.open(10)
    status, _, body = page.ask("PUT", f"/api/tasks/{number}/song", b"x" * sent)
    assert (status, page.task(number)["state"]) == (400 if sent < 10 else 413, "failed")
    assert page.task(number)["reason"] == json.loads(body)["error"]
    assert page.left_behind() == []


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"song": {"name": "a", "size": 0}}, 400),
        ({"song": {"name": "a", "size": -5}}, 400),
        ({"song": {"name": "a", "size": 1.5}}, 400),
        ({"song": {"name": "a", "size": 600 << 20}}, 413),
        ({"song": {"name": "a", "size": 5}, "vocals": {"name": "a", "size": 600 << 20}}, 413),
        ({"song": {"name": "a", "size": 5}, "text": "0" * 32}, 404),
        ({"song": {"name": "a", "size": 5}, "text": "../x"}, 404),
        ({"song": {"name": 5, "size": 5}}, 400),
        ({"song": {"size": 5}}, 400),
        ({"song": None}, 400),
        ([], 400),
        ({}, 400),
    ],
)
def test_what_cannot_arrive_is_said_in_one_line_before_it_is_sent(page, wanted, status):
    assert "\n" not in page.json("POST", "/api/tasks", wanted, status=status)["error"]
    assert page.json("GET", "/api/tasks")["tasks"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"song": {"name": "\\ud800", "size": 5}}'])
def test_what_is_no_json_is_one_line(page, body):
    status, _, answer = page.ask("POST", "/api/tasks", body)
    assert status in {201, 400}
    assert "\n" not in json.loads(answer).get("error", "")


def test_a_disk_without_room_is_said_before_anything_is_sent(page, monkeypatch):
    free = type("Usage", (), {"free": uploads.LEFT_BYTES + 1500})
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda _: free)
    first = page.open(1000)
    error = page.json("POST", "/api/tasks", {"song": {"name": "a.wav", "size": 1000}}, status=507)["error"]
    assert "\n" not in error
    page.ask("DELETE", f"/api/tasks/{first}")
    assert page.task(page.open(1000))["state"] == "arriving"  # what does not come any more needs no room


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (OSError(28, "No space left on device"), uploads.NO_ROOM),
        (OSError(27, "File too large"), "The file cannot be kept: File too large."),
        (OSError(5, "Input/output error"), "The file cannot be kept: Input/output error."),
    ],
)
def test_a_disk_that_does_not_take_a_file_loses_it_and_says_so(page, monkeypatch, why, said):
    def full(*_):
        raise why

    monkeypatch.setattr(uploads.asyncio, "to_thread", full)
    number = page.open(10)
    assert page.ask("PUT", f"/api/tasks/{number}/song", b"x" * 10)[0] == 507
    assert (page.task(number)["reason"], page.left_behind()) == (said, [])


def test_half_a_file_leaves_nothing_behind(page):
    number = page.open(1_000_000)
    one = page.connect("PUT", f"/api/tasks/{number}/song", length=1_000_000)
    one.send(b"x" * 500_000)
    time.sleep(0.05)
    one.close()
    assert page.becomes(number, "failed")["reason"] == uploads.ARRIVED_IN_PART
    assert page.left_behind() == []


def test_a_slow_file_keeps_nobody_waiting_and_tells_how_much_of_it_is_there(page):
    size, events = 4 << 20, Events(page)
    events.next()
    number = page.open(size)
    one = page.connect("PUT", f"/api/tasks/{number}/song", length=size)
    longest = 0.0
    for _ in range(4):
        one.send(b"x" * (size // 4))
        begin = time.monotonic()
        assert page.ask("GET", "/api/songs")[0] == 200
        longest = max(longest, time.monotonic() - begin)
        time.sleep(0.12)
    assert answer_of(one)[0] == 204
    assert longest < 1.0
    shares = []
    while (task := events.next()[1])["state"] == "arriving":
        shares.append(task["share"])
    assert shares[0] == 0
    assert 0.2 <= max(shares) <= 1
    assert shares == sorted(shares)
    assert len(shares) <= 6
    events.close()


def test_a_song_that_is_taken_back_while_it_arrives_leaves_nothing(page):
    size = 8 << 20
    number = page.open(size)
    one = page.connect("PUT", f"/api/tasks/{number}/song", length=size)
    one.send(b"x" * (3 << 20))
    assert page.ask("DELETE", f"/api/tasks/{number}")[0] == 204
    time.sleep(uploads.TELL_EVERY_S)
    with contextlib.suppress(OSError):
        one.send(b"x" * (5 << 20))
    assert answer_of(one)[0] == 409
    assert page.task(number) is None
    assert page.left_behind() == []
    assert page.ask("DELETE", f"/api/tasks/{number}")[0] == 404


def test_files_that_never_come_are_forgotten_once_nothing_else_comes(page, monkeypatch):
    number = page.open(10)
    monkeypatch.setattr(uploads, "FORGOTTEN_S", 0.0)
    time.sleep(0.01)
    page.open(10)
    assert page.task(number)["state"] == "failed"


def test_twenty_songs_at_once_all_arrive(page):
    sizes, answers, ids = [200_000 + number for number in range(20)], [], []

    def send(size):
        number = page.open(size, name=f"{size}.wav")
        ids.append(number)
        answers.append(page.ask("PUT", f"/api/tasks/{number}/song", b"x" * size)[0])

    threads = [threading.Thread(target=send, args=(size,)) for size in sizes]
    begin = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join(WAIT_S)
    assert answers == [204] * 20
    assert time.monotonic() - begin < WAIT_S
    tasks = page.json("GET", "/api/tasks")["tasks"]
    assert {task["id"]: task["state"] for task in tasks} == dict.fromkeys(ids, "waiting")
    assert sorted(task["ahead"] for task in tasks) == list(range(20))
    assert sorted((page.library / "uploads" / one / "song").stat().st_size for one in ids) == sizes


# ---------------------------------------------------------------------------------------------------- names and numbers
NAMES = ("../../../etc/passwd", "..\\..\\x.wav", "/etc/passwd", "a\0b.wav", "a\nb.wav", "", " ", "..", ".", "CON",
         "a" * 10_000 + ".wav",
         "\N{RIGHT-TO-LEFT OVERRIDE}gnp.wav", "<img src=x onerror=alert(1)>.wav", "{{ 7 * 7 }}",
         *HOSTILE_TITLES)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_never_leads_anywhere(page, name):
    """It is shown in one line, and files lie under numbers of our own."""
    around = sorted(page.library.parent.rglob("*"))
    number = page.open(10, name=name, vocals={"name": name, "size": 10})
    for part in ("vocals", "song"):
        assert page.ask("PUT", f"/api/tasks/{number}/{part}", b"x" * 10)[0] == 204
    shown = page.task(number)["name"]
    assert 0 < len(shown) <= 200
    assert shown.isprintable()
    assert "/" not in shown
    new = {str(one.relative_to(page.library)) for one in sorted(page.library.parent.rglob("*")) if one not in around}
    folder = f"uploads/{number}"
    assert new - {"uploads"} == {folder, f"{folder}/task.json", f"{folder}/song", f"{folder}/vocals"}


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
def test_what_is_no_number_of_ours_is_not_there(page, songs, trick):
    asked = len(page.press.errands)
    for method, path in (
        ("GET", f"/songs/{trick}"),
        ("GET", f"/songs/{trick}/report.html"),
        ("GET", f"/songs/{trick}/download/pdf"),
        ("GET", f"/texts/{trick}?songs={songs[0]}"),
        ("GET", f"/texts/{trick}/report.html?songs={songs[0]}"),
        ("GET", f"/static/{trick}"),
        ("GET", f"/{trick}"),
        ("GET", f"/api/songs/{trick}"),
        ("DELETE", f"/api/songs/{trick}"),
        ("PUT", f"/api/songs/{trick}/corrections"),
        ("DELETE", f"/api/songs/{trick}/corrections"),
        ("PUT", f"/api/tasks/{trick}/song"),
        ("DELETE", f"/api/tasks/{trick}"),
        ("GET", f"/compare?songs={songs[0]},{trick}"),
        ("GET", f"/compare/report.html?songs={trick},{trick}"),
    ):
        status, headers, body = page.ask(method, path, b"{}" if method == "PUT" else None)
        assert status in {400, 404, 405, 409}, path
        assert "set-cookie" not in headers
        assert b"root:" not in body
        assert b"Traceback" not in body
    for form in (trick, f"{trick}.pdf"):
        assert page.ask("GET", f"/songs/{songs[0]}/download/{form}")[0] == 404
    assert len(page.press.errands) == asked


def test_an_address_as_it_is_written_leads_nowhere_else(page):
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "//etc/passwd", "/static/"):
        assert page.ask("GET", path)[0] == 404
    assert page.ask("GET", f"http://evil.example:{page.port}/api/songs")[0] in {200, 400, 404}


# ------------------------------------------------------------------------------------------------------- what changes
def test_who_listens_is_told_all_tasks_first_then_each_change_and_again_after_coming_back(page):
    before = page.open(10, name="before.wav")
    events = Events(page)
    assert events.next() == ("tasks", {"tasks": [page.task(before)]})
    number = page.open(10, name="new.wav")
    kind, task = events.next()
    assert (kind, task["id"], task["state"]) == ("task", number, "arriving")
    page.ask("PUT", f"/api/tasks/{number}/song", b"x" * 10)
    while (told := events.next()[1])["state"] != "waiting":
        assert told["id"] == number
    page.ask("DELETE", f"/api/tasks/{before}")
    assert events.next() == ("gone", {"id": before})
    events.close()
    page.ask("DELETE", f"/api/tasks/{number}")
    last = page.open(10)
    again = Events(page)
    assert [one["id"] for one in again.next()[1]["tasks"]] == [last]
    again.close()


def test_two_pages_are_told_the_same(page):
    pages = [Events(page), Events(page)]
    assert [one.next()[0] for one in pages] == ["tasks", "tasks"]
    number = page.open(10)
    assert [one.next()[1]["id"] for one in pages] == [number, number]
    for one in pages:
        one.close()


def test_of_a_task_that_changes_often_a_slow_page_is_told_the_last():
    async def listened():
        one = Listener()
        for share in (0.1, 0.2, 0.3):
            one.tell(TaskChanged(Task(id="a", name="a", share=share)))
            one.tell(LibraryChanged("ab"))
        one.tell(TaskChanged(Task(id="b", name="b")))
        one.tell(TaskGone("b"))
        changes = await one.next()
        one.end()
        return changes, await one.next()

    changes, end = asyncio.run(listened())
    assert changes == [TaskChanged(Task(id="a", name="a", share=0.3)), LibraryChanged("ab"), TaskGone("b")]
    assert end is None


# --------------------------------------------------------------------------------------------------------- the library
def test_songs_are_listed_searched_and_sorted(page, songs):
    answer = page.json("GET", "/api/songs?sort=title&order=up")
    assert (answer["total"], answer["found"]) == (2, 2)
    assert [one["sha256"] for one in answer["songs"]] == [songs[1], songs[0]]
    assert answer["songs"][1]["title"] == TITLES[0]
    assert answer["songs"][0]["added"].endswith("Z")
    found = page.json("GET", "/api/songs?search=HEARTBEAT&from=0&count=1")
    assert [one["sha256"] for one in found["songs"]] == [songs[0]]
    assert page.json("GET", "/api/songs?from=1&sort=title&order=up")["songs"][0]["sha256"] == songs[0]


@pytest.mark.parametrize(
    "query",
    ["sort=size", "order=sideways", "from=-1", "count=many", "from=1e5", "count=" + "9" * 30, "from=%F0%9F%8E%B5"],
)
def test_a_list_in_no_order_is_one_line(page, query):
    assert "\n" not in page.json("GET", f"/api/songs?{query}", status=400)["error"]


def test_a_page_shows_its_song_with_every_sign_as_text(page, songs):
    for sha256, shown in zip(songs, ("Closet Heartbeat", "&lt;script&gt;alert(1)&lt;/script&gt; &amp; "), strict=True):
        for path in (f"/songs/{sha256}", f"/compare?songs={songs[0]},{songs[1]}"):
            status, headers, body = page.ask("GET", path)
            assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert shown in body.decode()
            assert "<script>alert" not in body.decode()


def test_a_report_keeps_its_own_policy_and_is_framed_by_our_pages_alone(page, songs):
    for path in (f"/songs/{songs[0]}/report.html", f"/compare/report.html?songs={songs[1]},{songs[0]}"):
        status, headers, body = page.ask("GET", path)
        assert (status, body) == (200, b"<p>html</p>")
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "content-disposition" not in headers
    assert page.press.errands[-1].songs == (songs[1], songs[0])


def test_a_report_that_cannot_be_made_says_why_within_the_page(page, songs):
    page.press.refuses = "the song <b>has gone</b> (drop it again)"
    status, headers, body = page.ask("GET", f"/songs/{songs[0]}/report.html")
    assert (status, headers["x-frame-options"]) == (409, "SAMEORIGIN")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "&lt;b&gt;has gone&lt;/b&gt;" in body.decode()


@pytest.mark.parametrize(("name", "sent"), [
    ("closet.pdf", 'attachment; filename="closet.pdf"'),
    ("Déjà vu.pdf", "attachment; filename*=utf-8''D%C3%A9j%C3%A0%20vu.pdf"),
    ('a"; b=c\r\nSet-Cookie: d.pdf', "attachment; filename*=utf-8''a%22%3B%20b%3Dc%0D%0ASet-Cookie%3A%20d.pdf"),
])  # fmt: skip
def test_a_download_has_its_name(page, songs, monkeypatch, name, sent):
    monkeypatch.setattr(page.press, "name", name)
    for path in (f"/songs/{songs[0]}/download/pdf", f"/compare/download/pdf?songs={','.join(songs)}"):
        status, headers, body = page.ask("GET", path)
        assert (status, headers["content-disposition"], body) == (200, sent, b"<p>pdf</p>")
        assert headers["content-type"] == "application/pdf"


def test_reports_are_made_for_the_users_own_range(page, songs):
    page.json("PUT", "/api/preferences", {"keep": False, "range": "A2-E4"})
    page.ask("GET", f"/songs/{songs[0]}/report.html")
    assert page.press.errands[-1].singer == "A2-E4"
    page.json("PUT", "/api/preferences", {"keep": False, "range": None})
    page.ask("GET", f"/songs/{songs[0]}/report.html")
    assert page.press.errands[-1].singer is None


@pytest.mark.parametrize("query", ["", "songs=", "songs=SONG", "songs=SONG,SONG", "songs=,,", "songs=" + "SONG," * 200])
def test_fewer_than_two_songs_are_not_compared(page, songs, query):
    assert page.ask("GET", f"/compare?{query.replace('SONG', songs[0])}")[0] == 400


def test_a_bug_of_ours_is_one_line_and_the_next_request_is_answered(page, songs):
    page.press.breaks = KeyError("C")
    for path in (f"/songs/{songs[0]}/report.html", f"/api/songs/{songs[0]}"):
        status, _, body = page.ask("GET", path)
        assert status == 500
        assert b"riffscope itself failed" in body
        assert b"Traceback" not in body
    assert page.ask("GET", "/api/songs")[0] == 200


def test_a_song_is_deleted_with_all_that_there_is_of_it(page, tmp_path):
    place, sha256 = LocalPlace(page.library), "e" * 64
    song = example_song(duration_s=60.0)
    object.__setattr__(song.source, "sha256", sha256)
    Store(page.library).keep(song)
    page.shelf.renew(sha256)
    place.write(copy_name(sha256), b"x")
    correct(place, sha256, Corrections(tempo_bpm=100.0))
    (tmp_path / "song").write_bytes(b"x")
    keep_file(place, sha256, tmp_path / "song")
    events = Events(page)
    events.next()
    assert page.ask("DELETE", f"/api/songs/{sha256}")[0] == 204
    assert events.next() == ("library", {"song": sha256})
    events.close()
    assert [one for one in page.library.rglob("*") if sha256 in one.name] == []
    assert not (page.library / analysis_name(sha256)).exists()
    assert page.json("GET", f"/api/songs?search={sha256}")["found"] == 0
    for method, path in (("DELETE", f"/api/songs/{sha256}"), ("GET", f"/songs/{sha256}")):
        assert page.ask(method, path)[0] == 404


def test_corrections_are_kept_and_a_song_that_is_here_is_measured_with_them(page, songs, tmp_path):
    place, path = LocalPlace(page.library), f"/api/songs/{songs[0]}/corrections"
    given = {"tempo_bpm": 184, "downbeat_s": 1.5, "sections": [{"start_s": 0, "end_s": 8, "name": " my\nverse "}]}
    assert page.json("PUT", path, given, status=409)["needs_file"] is True
    verse = NamedSection(start_s=0.0, end_s=8.0, name="my verse")
    assert corrections_of(place, songs[0]) == Corrections(tempo_bpm=184.0, downbeat_s=1.5, sections=(verse,))
    (tmp_path / "song").write_bytes(b"x")
    keep_file(place, songs[0], tmp_path / "song")
    task = page.json("PUT", path, {"tempo_bpm": 46}, status=202)["task"]
    assert (task["song"], task["state"]) == (songs[0], "waiting")
    assert corrections_of(place, songs[0]).tempo_bpm == 46
    page.json("DELETE", path, status=202)
    assert corrections_of(place, songs[0]) is None
    kept_file(place, songs[0]).unlink()


def test_a_song_that_a_batch_saw_is_measured_anew_where_it_lies(page, songs, tmp_path):
    seen, path = tmp_path / "seen.wav", f"/api/songs/{songs[0]}/corrections"
    seen.write_bytes(b"x")
    page.press.seen_at = str(seen)
    try:
        # Where its files lie is the user's own affair.
        assert page.json("GET", f"/api/songs/{songs[0]}")["path"] is None
        assert page.ask("GET", f"/songs/{songs[0]}/download/about")[0] == 404
        assert page.json("PUT", path, {"tempo_bpm": 47}, status=202)["task"]["song"] == songs[0]
        assert page.json("DELETE", path, status=202)["task"]["state"] == "waiting"
    finally:
        page.press.seen_at = None
    assert seen.exists()


@pytest.mark.parametrize("given", [
    {"tempo_bpm": 20}, {"tempo_bpm": 1e300}, {"tempo_bpm": "fast"}, {"beats_per_bar": 1}, {"beats_per_bar": 4.5},
    {"downbeat_s": -1}, {"downbeat_s": 60.0}, {"sections": [{"start_s": 0, "end_s": 1}]},
    {"sections": [{"start_s": 0, "end_s": 1, "name": " "}]},
    {"sections": [{"start_s": 0, "end_s": 1, "name": "x" * 61}]},
    {"sections": [{"start_s": 2, "end_s": 1, "name": "a"}]}, {"sections": [{"start_s": 0, "end_s": 61, "name": "a"}]},
    {"sections": [{"start_s": 0, "end_s": 9, "name": "a"}, {"start_s": 5, "end_s": 12, "name": "b"}]},
    {"sections": [{"start_s": 0.01 * k, "end_s": 0.01 * k + 0.01, "name": "a"} for k in range(501)]}, [], None,
])  # fmt: skip
def test_corrections_that_cannot_be_true_are_one_line(page, songs, given):
    status, _, body = page.ask("PUT", f"/api/songs/{songs[1]}/corrections", json.dumps(given).encode())
    assert status == 400
    assert "\n" not in json.loads(body)["error"]
    assert corrections_of(LocalPlace(page.library), songs[1]) is None


# ------------------------------------------------------------------------------------------------ texts and preferences
def test_a_text_is_kept_under_a_number_and_ruled_on(page, songs):
    status, _, body = page.ask("POST", "/api/texts?name=..%2F..%2Fmy%20review.md", b"It runs at 92 BPM.")
    text = json.loads(body)
    assert (status, text["name"], text["kind"]) == (201, "my review.md", "article")
    shown = page.ask("GET", f"/texts/{text['id']}?songs={songs[0]}")
    assert shown[0] == 200
    assert b"my review.md" in shown[2]
    assert page.ask("GET", f"/texts/{text['id']}/report.html?songs={songs[0]}")[0] == 200
    errand = page.press.errands[-1]
    assert (errand.songs, errand.form, errand.text_name) == ((songs[0],), "html", "my review.md")
    assert Path(errand.text).read_bytes() == b"It runs at 92 BPM."
    assert (Path(errand.text).parent, Path(errand.text).suffix) == (page.texts, ".md")
    assert page.ask("GET", f"/texts/{text['id']}/download/json?songs={songs[0]}")[0] == 200
    assert page.ask("GET", f"/texts/{text['id']}")[0] == 400


@pytest.mark.parametrize(("name", "kind", "ending"), [
    ("mine.toml", "claims", ".toml"), ("MINE.TOML", "claims", ".toml"), ("page.htm", "article", ".htm"),
    ("x.exe", "article", ".txt"), ("x.%2e%2f", "article", ".txt"), ("", "article", ".txt"),
    ("a" * 9000 + ".toml", "claims", ".toml"),
])  # fmt: skip
def test_what_a_text_is_called_tells_what_it_is_and_nothing_else(page, name, kind, ending):
    status, _, body = page.ask("POST", f"/api/texts?name={name}", b"x")
    text = json.loads(body)
    assert (status, text["kind"]) == (201, kind)
    assert page.site.texts.find(text["id"])[1].name == f"{text['id']}{ending}"


def test_an_empty_text_is_none(page):
    assert page.ask("POST", "/api/texts?name=a.txt", b" \n")[0] == 400


def test_of_many_texts_the_oldest_go(tmp_path):
    texts = Texts(tmp_path)
    first, *_, last = (texts.add("a.txt", b"x") for _ in range(MAX_TEXTS + 1))
    assert texts.find(first.id) is None
    assert texts.find(last.id) is not None
    assert len(list(tmp_path.iterdir())) == MAX_TEXTS


def test_preferences_are_kept_in_the_library(page):
    assert page.json("PUT", "/api/preferences", {"keep": True, "range": "A2-E4"}) == {"keep": True, "range": "A2-E4"}
    assert json.loads((page.library / "preferences.json").read_bytes()) == {"keep": True, "range": "A2-E4"}
    assert PreferencesFile(page.library).now == Preferences(keep=True, range="A2-E4")
    for damaged in (b"{", b'{"range": "E4-A2"}', b"\xff"):
        (page.library / "preferences.json").write_bytes(damaged)
        assert PreferencesFile(page.library).now == Preferences()
    page.json("PUT", "/api/preferences", {"keep": False})


@pytest.mark.parametrize(
    "given", [{"range": "E4-A2"}, {"range": "high"}, {"range": "A" * 5000}, {"range": ""}, {"keep": 1}, {"range": 5}]
)
def test_a_range_that_is_none_is_one_line(page, given):
    assert "\n" not in page.json("PUT", "/api/preferences", given, status=400)["error"]
    assert page.json("GET", "/api/preferences") == {"keep": False, "range": None}


# ---------------------------------------------------------------------------------------------------------- the rest
def test_the_page_opens(page):
    status, headers, body = page.ask("GET", "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"riffscope" in body


def test_scripts_and_styles_are_asked_for_again_only_where_they_changed(page):
    for name, media in (
        ("icon.svg", "image/svg+xml"),
        ("colors.css", "text/css; charset=utf-8"),
        ("home.js", "text/javascript; charset=utf-8"),
    ):
        status, headers, body = page.ask("GET", f"/static/{name}")
        assert (status, headers["content-type"], headers["cache-control"]) == (200, media, "no-cache")
        assert body
        again = page.ask("GET", f"/static/{name}", headers=page.headers(**{"If-None-Match": headers["etag"]}))
        assert (again[0], again[2]) == (304, b"")


def test_what_is_not_there_says_so_to_people_and_to_scripts(page):
    assert "error" in page.json("GET", "/api/nothing", status=404)
    assert "error" in page.json("DELETE", "/api/preferences", status=405)
    status, headers, body = page.ask("GET", "/nothing")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"There is nothing at this address." in body
    assert page.ask("HEAD", "/")[2] == b""
