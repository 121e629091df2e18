"""Makes the pictures of report pages that the README shows, from the bundled songs.

    python reports/make_gallery.py

They look the same on every machine with the separation model and the same versions. Those of pages to listen to are
made only where there is a Chromium.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from riffscope.compare import compare
from riffscope.files import replacing, write_atomically
from riffscope.library.store import Store
from riffscope.report.article_report import article_document
from riffscope.report.comparison_report import comparison_document
from riffscope.report.pdf import render_pages
from riffscope.report.song_report import song_document
from riffscope.song import SongAnalysis
from riffscope.workflow import check, listen, write_checked, write_reports

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "reports" / "gallery"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
PIXELS_PER_INCH = 88.0
# Of a song at a glance, its voice, its riff with chords and form; of an article and a comparison their beginning.
ARTICLE_PAGES, SONG_PAGES, COMPARISON_PAGES = (1,), (1, 3, 4), (1,)
# Width and height in pixels; an article has notes beside it.
SCREEN, ARTICLE_SCREEN, LOCAL_SCREEN = "1000,1280", "1180,1560", "1000,1000"
# The local page asks for its list once it is there.
LOADING_MS = 5000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def picture_of_page(write: Callable[[Path], list[Path]], path: Path, screen: str) -> None:
    """Write what a browser shows of the page that is written into a folder, on a screen of that size."""
    with tempfile.TemporaryDirectory(prefix="riffscope-") as folder:
        (page,) = write(Path(folder))
        _take_picture(page.as_uri(), path, screen)


def picture_of_local_page(songs: Sequence[SongAnalysis], path: Path, screen: str) -> None:
    """Write what a browser shows of the local page with these songs in its library."""
    with tempfile.TemporaryDirectory(prefix="riffscope-") as folder:
        store = Store(folder)
        for song in songs:
            store.keep(song)
        for file in Path(folder).rglob("*.json.gz"):
            os.utime(file, (MADE_AT.timestamp(),) * 2)
        command = [sys.executable, "-P", "-m", "riffscope", "serve", "--no-open", "--store", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
        try:
            address = (server.stdout or sys.stdin).readline().strip()
            _take_picture(address, path, screen)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate()


def _take_picture(address: str, path: Path, screen: str) -> None:
    with tempfile.TemporaryDirectory(prefix="riffscope-") as folder:
        picture = Path(folder) / "page.png"
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={screen}"]
        more = [f"--timeout={LOADING_MS}", f"--user-data-dir={folder}/profile", f"--screenshot={picture}"]
        command = [CHROMIUM or "", *flags, *more, address]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own page, by the browser found above
        write_atomically(path, picture.read_bytes())


def main() -> None:
    """Write the pictures."""
    listened = listen(ROOT / "samples" / "closet.ogg", copied=True)
    closet = listened.song
    arena, stripped = (listen(ROOT / "samples" / f"{name}.ogg").song for name in ("arena", "closet-stripped"))
    checked = check(ROOT / "samples" / "article.md", [closet, arena, stripped])
    pair = [closet, stripped]
    for name, document, wanted in (
        ("article", article_document(checked), ARTICLE_PAGES),
        ("closet", song_document(closet), SONG_PAGES),
        ("closet-and-stripped", comparison_document(compare(pair), pair), COMPARISON_PAGES),
    ):
        pages = render_pages(document, pixels_per_inch=PIXELS_PER_INCH, timestamp=MADE_AT)
        for number in wanted:
            path = GALLERY / f"{name}-{number}.png"
            write_atomically(path, pages[number - 1])
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    if CHROMIUM is None:
        return
    article = partial(write_checked, checked, formats=["html"], listening=listened.copy, timestamp=MADE_AT)
    song = partial(write_reports, [listened], formats=["html"], timestamp=MADE_AT)
    for name, write, screen in (("article", article, ARTICLE_SCREEN), ("closet", song, SCREEN)):
        path = GALLERY / f"{name}-page.png"
        picture_of_page(write, path, screen)
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    path = GALLERY / "local-page.png"
    picture_of_local_page([stripped, arena, closet], path, LOCAL_SCREEN)
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    with replacing():
        main()
