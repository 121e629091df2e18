"""The rounds that chords go in."""
