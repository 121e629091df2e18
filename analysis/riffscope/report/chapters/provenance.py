"""Where the report comes from: the file, its tags, the settings and the program."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.report.blocks import Block, Fact, Facts, Heading
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.units import SECONDS, clock


@chapter(place=100, full=True)
def provenance(song: SongAnalysis) -> Iterator[Block]:
    """List what the analysis was made from."""
    source = song.source
    tags = source.tags
    facts = [
        ("File", source.name, False),
        ("SHA-256", source.sha256, True),
        ("Title", tags.title or "", False),
        ("Artist", tags.artist or "", False),
        ("Album", tags.album or "", False),
        ("Year", tags.year or "", False),
        ("Length", f"{clock(source.duration_s, decimals=1)} ({SECONDS.format(source.duration_s)})", False),
        ("Format", f"{source.codec}, {source.sample_rate_hz} Hz, {words.count(source.channels, 'channel')}", False),
        ("Decoded", "in full" if source.status == "ok" else "in part", False),
        ("Warnings", " ".join(words.sentence(warning) for warning in source.warnings) or "none", False),
        ("Voice from", _voice_from(song), False),
        ("Settings", ", ".join(f"{name} {choice}" for name, choice in song.settings.items()), False),
        ("Made by", ", ".join(f"{name} {version}" for name, version in song.made_by.items()), False),
    ]
    yield Heading(text="Where this comes from", level=2)
    yield Facts(
        facts=tuple(Fact(label=label, text=words.plain(text, 600), code=code) for label, text, code in facts if text),
    )


def _voice_from(song: SongAnalysis) -> str:
    """Name what the voice was read from as the saved analysis does, and in words."""
    activity = song.get(VocalActivity)
    return "" if activity is None else f"{activity.method}: {activity.method.in_words}"
