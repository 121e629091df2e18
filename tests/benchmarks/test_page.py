"""What the local page adds to an installation."""

from benchmarks import page


def test_the_page_adds_little_to_an_installation():
    grown = page.grown_mb()
    assert {"starlette", "uvicorn"} <= set(grown)
    assert not {"numpy", "jinja2", "msgspec", "typing-extensions"} & set(grown)  # there without it
    assert all(size > 0 for size in grown.values())
    assert sum(grown.values()) < 10


def test_a_song_of_the_length_of_a_song(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MINUTES", 1.5)
    import soundfile

    assert soundfile.info(page.long_song(tmp_path)).duration == 90.0
