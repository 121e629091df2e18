import shutil
import subprocess
import warnings
from datetime import UTC, datetime

import pytest

from documents import document_of
from riffscope.report.pdf import render_pages, render_pdf

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo (Poppler) is not installed")
def test_a_report_becomes_a_picture_a_page():
    document = document_of("ordinary")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that only the system's fonts have
        pages = render_pages(document, pixels_per_inch=30, timestamp=MOMENT)
        pdf = render_pdf(document, timestamp=MOMENT)
    assert all(page.startswith(PNG) for page in pages)
    assert len(set(pages)) == len(pages)
    run = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True)
    assert f"Pages:           {len(pages)}" in run.stdout.decode()


@pytest.mark.pages
@pytest.mark.parametrize(("pixels_per_inch", "width"), [(30, 248), (60, 496)])
def test_pictures_are_as_wide_as_the_resolution_says(pixels_per_inch, width):
    """A4 is 8.27 inches wide; the width stands at byte 16 of a PNG."""
    document = document_of("ordinary")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = render_pages(document, pixels_per_inch=pixels_per_inch, timestamp=MOMENT)[0]
    assert int.from_bytes(page[16:20]) == pytest.approx(width, abs=1)
