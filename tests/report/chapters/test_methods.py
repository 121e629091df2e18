import dataclasses

from chapters_read import said
from outcomes import failed, missing
from riffscope.report.blocks import Notice
from riffscope.report.chapters.loudness import loudness
from riffscope.report.chapters.methods import methods
from songs import example_song, with_outcomes

CAVEAT = "Made without the beat track, which failed."


def facts(song):
    return {fact.label: fact for block in methods(song, full=True) for fact in getattr(block, "facts", ())}


def test_each_measurement_has_its_method_and_version():
    told = facts(example_song())
    assert all("(Version 1)" in told[name].text for name in ("Tempo", "Loudness", "Vocal range"))
    assert "BS.1770" in told["Loudness"].note


def test_what_a_measurement_had_to_do_without_stands_there_and_beside_it(sketches):
    song = example_song()
    loud = dataclasses.replace(song.outcomes["loudness"], caveats=(CAVEAT,))
    song = with_outcomes(song, {"loudness": loud})
    assert CAVEAT in facts(song)["Loudness"].note
    assert CAVEAT not in facts(song)["Tempo"].note
    (notice,) = (block for block in loudness(song) if isinstance(block, Notice))
    assert notice.kind == "warning"
    assert notice.text == f"Loudness: {CAVEAT}"


def test_what_is_missing_says_why_and_what_failed_says_nothing_of_the_song():
    song = with_outcomes(example_song(), {"key": missing("key", "no one tone is held"), "stereo": failed("stereo")})
    told = facts(song)
    assert told["Key"].text == "No one tone is held."
    assert "KeyError: 'x'" in told["Stereo"].text
    assert said(methods(song, full=True))
