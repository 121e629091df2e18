from chapters_read import said
from riffscope.report.chapters.about import about
from songs import example_song


def test_a_report_in_brief_names_its_file_the_program_and_how_to_see_more():
    text = said(about(example_song()))
    for fact in ("closet.flac", "3f5a3f5a3f5a…", "riffscope 0.1.0", "3:35.0", "--full"):
        assert fact in text


def test_a_report_in_full_says_so_at_length_elsewhere():
    assert list(about(example_song(), full=True)) == []
