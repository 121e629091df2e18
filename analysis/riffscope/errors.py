"""What can go wrong, in the user's words.

Every message is one line that says what is wrong and what to do about it. Anything else that is raised is our bug.
"""


def one_line(text: str) -> str:
    """Show control characters, line ends, text direction marks and undecodable bytes as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


class RiffscopeError(Exception):
    """Base of every error that riffscope raises on purpose."""


class CannotRead(RiffscopeError):
    """A file was refused: it is not audio, is damaged, or asks for more than is reasonable."""


class CannotWrite(RiffscopeError):
    """A file is not written: its place is a folder, an input of the same run, or protected against writing."""


class CannotMeasure(RiffscopeError):
    """The music does not hold what was asked for: no beat, no voice, too short. Becomes a `Missing`."""


class NotMeasured(RiffscopeError):
    """A measurement was asked of a song that has none, because it is missing, failed or was not run."""


class NothingToMeasure(NotMeasured):
    """A measurement is missing because the music does not hold it: nobody sings, the song is too short."""


class BadClaim(RiffscopeError):
    """A claim names a kind, a measure or a parameter that does not exist, or is not valid TOML."""


class BadDocument(RiffscopeError):
    """A saved analysis cannot be read back: not JSON, not ours, or of a newer schema."""


class BadModel(RiffscopeError):
    """Trained weights cannot be fetched, read, kept or used: no network, not what was expected, a full disk."""
