"""Fit what tells singing, how far the ends of a range are known, and when there is more than one voice.

    python -m training.voice.fit SET [SET ...]

Four groups, each with data, method and figures in a module of its own: `training.voice.singing`,
`training.voice.song`, `training.voice.ends`, `training.voice.layers`. The first two are fitted twice, with the vocals
separated and in the mix; the others as ``--separator`` says. Sets are held back in turn, or songs where there is one
set.
"""

import functools
import sys
from collections.abc import Sequence

from riffscope.analyzers import vocal_layers, vocal_pitch, vocal_range
from training.common.command import read_command_line
from training.common.constants import today
from training.common.report import Group, report
from training.voice import ends, layers, singing, song


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    gather, separator = chosen.shelf.gather, chosen.separator
    listening: tuple[singing.Listening, ...] = ("spleeter", "none")
    for each in listening:
        where = "in the mix" if each == "none" else "vocals separated"
        frames = gather(
            singing.Frames, chosen.songs, functools.partial(singing.read, separator=each), of=f"singing-{each}"
        )
        learn = functools.partial(singing.learn, separator=each)
        report(Group(title=f"Singing, {where}", today=singing.today(each), learn=learn, judge=singing.judge), frames)
        signs = gather(song.Signs, chosen.songs, functools.partial(song.read, separator=each), of=f"song-{each}")
        tells = today(vocal_pitch, [song.constant(each)])
        learn_signs = functools.partial(song.learn, separator=each)
        report(Group(title=f"Signs of song, {where}", today=tells, learn=learn_signs, judge=song.judge), signs)
    sung = gather(ends.Sung, chosen.songs, functools.partial(ends.read, separator=separator), of=f"ends-{separator}")
    report(
        Group(title="Ends of the range", today=today(vocal_range, ends.NAMES), learn=ends.learn, judge=ends.judge), sung
    )
    read_layers = functools.partial(layers.read, separator=separator)
    voices = gather(layers.Frames, chosen.songs, read_layers, of=f"layers-{separator}")
    for title, name, learn_one, judge_one in (
        ("Harmonies", layers.HARMONY, layers.learn_harmonies, layers.judge_harmonies),
        ("Doubles", layers.DOUBLE, layers.learn_doubles, layers.judge_doubles),
        ("How far layers are misread", layers.UNSURE, layers.learn_unsure, layers.judge_unsure),
    ):
        report(Group(title=title, today=today(vocal_layers, [name]), learn=learn_one, judge=judge_one), voices)
    return 0


if __name__ == "__main__":
    sys.exit(main())
