from riffscope.report.chapters.provenance import provenance
from songs import example_song


def test_the_file_its_hash_and_the_program_are_named():
    told = {
        fact.label: fact.text for block in provenance(example_song(), full=True) for fact in getattr(block, "facts", ())
    }
    assert told["File"] == "closet.flac"
    assert told["SHA-256"] == "3f5a" * 16
    assert "215.0 s" in told["Length"]
    assert "44100 Hz" in told["Format"]
    assert "riffscope 0.1.0" in told["Made by"]
    assert told["Voice from"].startswith("mix: ")
