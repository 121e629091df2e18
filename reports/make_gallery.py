"""Makes the pictures of report pages that the README shows, from the bundled songs.

    python reports/make_gallery.py

They look the same on every machine with the separation model and the same versions.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from riffscope.compare import compare
from riffscope.files import write_atomically
from riffscope.judge import built_in_claims, judge
from riffscope.load import load
from riffscope.report.comparison_report import comparison_document
from riffscope.report.pdf import render_pages
from riffscope.report.song_report import song_document
from riffscope.song import SongAnalysis, analyze

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "reports" / "gallery"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
PIXELS_PER_INCH = 88.0
# Of a song at a glance, rhythm and riff, voice; of a comparison its beginning.
SONG_PAGES, COMPARISON_PAGES = (1, 3, 4), (1,)


def measured(name: str) -> SongAnalysis:
    """Analyse a bundled song and judge it."""
    song = analyze(load(ROOT / "samples" / f"{name}.ogg"))
    return SongAnalysis(
        source=song.source,
        outcomes=song.outcomes,
        verdicts=judge(song, built_in_claims()),
        made_by=song.made_by,
        settings=song.settings,
    )


def main() -> None:
    """Write the pictures."""
    closet, stripped = measured("closet"), measured("closet-stripped")
    pair = [closet, stripped]
    for name, document, wanted in (
        ("closet", song_document(closet), SONG_PAGES),
        ("closet-and-stripped", comparison_document(compare(pair), pair), COMPARISON_PAGES),
    ):
        pages = render_pages(document, pixels_per_inch=PIXELS_PER_INCH, timestamp=MADE_AT)
        for number in wanted:
            path = GALLERY / f"{name}-{number}.png"
            write_atomically(path, pages[number - 1])
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
