"""What songs are compared by where nobody says it, and the musical reason."""

from collections.abc import Mapping

USUAL: Mapping[str, str] = {
    "tempo.bpm": "how fast it goes",
    "key": "in which key: near ones can follow each other",
    "density.onsets_per_s": "how busy it is",
    "loops.coverage_fraction": "how much of it one riff runs through",
    "vocal_activity.sung_fraction": "how much of it is sung",
    "vocal_range.median_midi": "how high it is sung",
    "vocal_range.span_semitones": "how far the voice moves",
    "balance.bass_lu": "how heavy the bass is",
    "balance.centroid_hz": "how bright it sounds",
    "loudness.integrated_lufs": "how loud it was made",
    "loudness.range_lu": "how much its loudness changes",
}
