"""What can go wrong, in the user's words.

Every message is one line that says what is wrong and what to do about it; of a claims file, one for each thing wrong.
Anything else that is raised is our bug.
"""

import enum


def one_line(text: str) -> str:
    """Show control characters, line ends, text direction marks and undecodable bytes as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


# What somebody wrote is quoted in messages; a longer one is cut in its middle.
_MAX_LETTERS, _LETTERS_AT_END = 500, 100


def _bearable(text: str) -> str:
    """Show a message in one line that is not too long to read."""
    line = one_line(text)
    return (
        line if len(line) <= _MAX_LETTERS else f"{line[: _MAX_LETTERS - _LETTERS_AT_END]} ... {line[-_LETTERS_AT_END:]}"
    )


class Absence(enum.StrEnum):
    """Why there is no value, for programs; a sentence for people goes with it.

    All but the last two are about the music: it does not hold what was asked for, and no better program would find it.
    """

    SILENT = "silent"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_LITTLE = "too_little"
    """Some of it is there, but too little to measure."""
    NO_BEAT = "no_beat"
    NO_PITCH = "no_pitch"
    NO_KEY = "no_key"
    """It has pitches, and no key explains them."""
    NO_VOICE = "no_voice"
    NO_RIFF = "no_riff"
    NO_DRUMS = "no_drums"
    NO_BASS = "no_bass"
    NO_SECTION = "no_section"
    """No section of the song is what was asked for, such as a bridge."""
    NO_ACCOMPANIMENT = "no_accompaniment"
    NO_GAPS = "no_gaps"
    """The lead voice never rests."""
    NOT_STEREO = "not_stereo"
    NOT_SEPARATED = "not_separated"
    """The vocals were not separated from the mix."""
    MISMATCH = "mismatch"
    """Two inputs do not belong together."""
    EMPTY = "empty"
    FAILED = "failed"
    NOT_RUN = "not_run"

    @property
    def in_the_music(self) -> bool:
        """Whether the music does not hold it, rather than riffscope not having measured it."""
        return self not in {Absence.FAILED, Absence.NOT_RUN}


class RiffscopeError(Exception):
    """Base of every error that riffscope raises on purpose."""


class CannotRead(RiffscopeError):
    """A file was refused: it is not audio, is damaged, or asks for more than is reasonable."""


class CannotWrite(RiffscopeError):
    """A file is not written: its place is a folder, an input of the same run, or protected against writing."""


class CannotMeasure(RiffscopeError):
    """The music does not hold what was asked for: no beat, no voice, too short. Becomes a `Missing`.

    Attributes
    ----------
    code : Absence
    reason : str
        One line for people.
    """

    def __init__(self, code: Absence, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class NotMeasured(RiffscopeError):
    """A measurement, or a field of it, was asked of a song that has none: it is missing, failed or was not run.

    Attributes
    ----------
    measurement : str
        As in ``vocal_range``; with a field, ``vocal_range.stepwise_fraction``.
    code : Absence
    reason : str
        One line for people.
    """

    def __init__(self, measurement: str, code: Absence, reason: str) -> None:
        super().__init__(f"{measurement}: {reason}")
        self.measurement = measurement
        self.code = code
        self.reason = reason


class BadClaim(RiffscopeError):
    """Claims name a kind, a measure or a parameter that does not exist, or are not valid TOML.

    Attributes
    ----------
    problems : tuple of str
        All that is wrong, a line each; the message is these below each other.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(_bearable, problems))
        super().__init__("\n".join(self.problems))


class BadRange(RiffscopeError):
    """A singer's range is not written as two notes, the lower one first."""


class BadReference(RiffscopeError):
    """A file is no reference set, or has no measure that riffscope knows."""


class BadDocument(RiffscopeError):
    """A saved analysis cannot be read back: not JSON, not ours, or of a newer schema."""


class BadModel(RiffscopeError):
    """Trained weights cannot be fetched, read, kept or used: no network, not what was expected, a full disk."""
