"""What the channels of a file are, in the words of `riffscope.dsp.speakers`, from FFmpeg's and from WAVE's.

Conventions: channels come in the order of WAVE files, whatever order their file has.

Source: FFmpeg's channel_layout.h; WAVEFORMATEXTENSIBLE for the bits of a mask.
"""

from collections.abc import Sequence

from riffscope.dsp.speakers import MONO, STEREO

# FFmpeg's names, in its order, which is that of WAVE. Those of the back and of the sides depend on whether the layout
# has both: see `speakers_of`.
_NAMES = {
    "FL": "L", "FR": "R", "FC": "C", "LFE": "LFE", "BL": "", "BR": "", "FLC": "Lc", "FRC": "Rc", "BC": "Cs",
    "SL": "", "SR": "", "TC": "Ts", "TFL": "Ltf", "TFC": "Ctf", "TFR": "Rtf", "TBL": "Ltr", "TBC": "Ctr", "TBR": "Rtr",
    "DL": "L", "DR": "R", "WL": "Lw", "WR": "Rw", "SDL": "Lss", "SDR": "Rss", "LFE2": "LFE2", "TSL": "Lts",
    "TSR": "Rts", "BFC": "Cbf", "BFL": "Lbf", "BFR": "Rbf", "SSL": "Lss", "SSR": "Rss",
}  # fmt: skip
_PLACES = {name: place for place, name in enumerate(_NAMES)}
# One pair behind the listener is that of 5.1, at 110 degrees, whether it is called back or side; of two pairs those of
# the sides are at 90 degrees and those of the back at 135 (BS.2051-3, systems B and I).
_ONE_PAIR = {"BL": "Ls", "BR": "Rs", "SL": "Ls", "SR": "Rs"}
_TWO_PAIRS = {"BL": "Lrs", "BR": "Rrs", "SL": "Lss", "SR": "Rss"}
# The orders that Vorbis has for so many channels (Vorbis I, section 4.3.9), in FFmpeg's names.
VORBIS = {
    channels: tuple(names.split())
    for channels, names in enumerate(
        (
            "FC",
            "FL FR",
            "FL FC FR",
            "FL FR BL BR",
            "FL FC FR BL BR",
            "FL FC FR BL BR LFE",
            "FL FC FR SL SR BC LFE",
            "FL FC FR SL SR BL BR LFE",
        ),
        start=1,
    )
}
# The bits of a WAVE mask for left, right and centre.
_MASKS = {1: {0x1, 0x2, 0x4}, 2: {0x3}}


def speakers_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return what channels are from FFmpeg's names of them; empty where one has none, or two have the same.

    One channel is mono and two are stereo where nothing is said of them.
    """
    pairs = _TWO_PAIRS if {"SL", "BL"} <= set(names) else _ONE_PAIR
    found = tuple((_NAMES | pairs).get(name, "") for name in names)
    if len(names) == 1:
        return MONO
    if all(found) and len(set(found)) == len(found):
        return found
    return STEREO if len(names) == 2 and not any(found) else ()


def order_of(names: Sequence[str]) -> list[int] | None:
    """Return where each channel comes from in the order of WAVE; None where they are in it, or unknown."""
    if not set(names) <= set(_PLACES):
        return None
    order = sorted(range(len(names)), key=lambda channel: _PLACES[names[channel]])
    return None if order == list(range(len(names))) else order


def is_plain(mask: int, channels: int) -> bool:
    """Tell whether the mask of a WAVE of one or two channels says only what they are without one: mono or stereo."""
    return mask == 0 or mask in _MASKS.get(channels, set())
