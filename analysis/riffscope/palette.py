"""The colours of figures and pages, by day and by night, as ``#rrggbb``.

They are Okabe and Ito's (2008), told apart by colour-blind readers and still distinct in grey print.
"""

from collections.abc import Mapping

GROUND = "#ffffff"
INK = "#20242b"
MUTED = "#5f6773"
RULE = "#d5d9df"
PALE = "#eef1f4"
LEVEL = "#8d97a5"
LOUDNESS = "#0072b2"
VOICE = "#d55e00"
VOICE_PALE = "#fbe6d6"
# Words in the colour of the voice, which is too light for them on white.
VOICE_WORDS = "#b04a00"
RHYTHM = "#00805f"
RHYTHM_PALE = "#d9efe7"
HARMONY = "#a3588a"
LOUDNESS_PALE = "#dcebf5"
# Sections and loops: neighbours differ in hue and in lightness.
SERIES = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00")

# The keys of a piano keep their colours where a figure is turned for a dark page, where white and ink change places; so
# they are a step apart from these, which no eye sees.
WHITE_KEY = "#fefefe"
BLACK_KEY = "#20242a"
# What the colours of the palette are on a dark page, whose ground is the first of them: data keep their hues, lighter
# where they would not be seen.
NIGHT = {
    GROUND: "#15181d",
    INK: "#f3f5f8",
    MUTED: "#a3acb8",
    RULE: "#343b45",
    PALE: "#242a32",
    LEVEL: "#7d8897",
    LOUDNESS: "#5594ea",
    LOUDNESS_PALE: "#14303f",
    VOICE: "#f0823c",
    VOICE_WORDS: "#f0823c",
    VOICE_PALE: "#3d2917",
    RHYTHM: "#3dbb94",
    RHYTHM_PALE: "#12372d",
    HARMONY: "#a866b8",
    WHITE_KEY: "#c6ccd4",
    BLACK_KEY: "#15181d",
    "#56b4e9": "#52a9da",
    "#e69f00": "#d99600",
    "#009e73": "#10a87d",
    "#cc79a7": "#d486b2",
    "#f0e442": "#bfae2f",
}

# What lets a reader see that there is more beside a frame that scrolls: a shade at its edge.
_EDGE, _EDGE_AT_NIGHT = "#00000026", "#ffffff2e"
_OF_PAGES = {
    "ground": GROUND,
    "ink": INK,
    "muted": MUTED,
    "rule": RULE,
    "pale": PALE,
    "loudness": LOUDNESS,
    "voice": VOICE,
    "voice_words": VOICE_WORDS,
    "voice_pale": VOICE_PALE,
    "rhythm": RHYTHM,
    "rhythm_pale": RHYTHM_PALE,
    "white_key": WHITE_KEY,
    "black_key": BLACK_KEY,
}
DAY_PAGE: Mapping[str, str] = _OF_PAGES | {"edge": _EDGE}
NIGHT_PAGE: Mapping[str, str] = {name: NIGHT[color] for name, color in _OF_PAGES.items()} | {"edge": _EDGE_AT_NIGHT}
"""What a page is coloured with, by day and by night."""
