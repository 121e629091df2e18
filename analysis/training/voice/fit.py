"""Fit what tells singing, how far the ends of a range are known, and when there is more than one voice.

    python -m training.voice.fit SET [SET ...]

Five groups, each with data, method and figures in a module of its own: `training.voice.singing`,
`training.voice.song`, `training.voice.singer`, `training.voice.ends`, `training.voice.layers`. The first three are
fitted twice, with the vocals
separated and in the mix; the others as ``--separator`` says. Sets are held back in turn, or songs where there is one
set.
"""

import functools
import sys
from collections.abc import Sequence

from riffscope.analyzers import vocal_pitch
from riffscope.dsp.voice import layer_odds
from training.common.command import read_command_line
from training.common.constants import today
from training.common.report import Group, report
from training.voice import ends, layers, singer, singing, song


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
        singers = gather(
            singer.Signs, chosen.songs, functools.partial(singer.read, separator=each), of=f"singer-{each}"
        )
        report(
            Group(
                title=f"Singers, {where}",
                today=today(vocal_pitch, [singer.constant(each)]),
                learn=functools.partial(singer.learn, separator=each),
                judge=singer.judge,
            ),
            singers,
        )
    sung = gather(ends.Sung, chosen.songs, functools.partial(ends.read, separator=separator), of=f"ends-{separator}")
    report(Group(title="Ends of the range", today=ends.today(), learn=ends.learn, judge=ends.judge), sung)
    read_layers = functools.partial(layers.read, separator=separator)
    voices = gather(layers.Frames, chosen.songs, read_layers, of=f"layers-{separator}")
    for title, names, learn_one, judge_one in (
        ("Harmonies", layers.ODDS[:1], layers.learn_harmonies, layers.judge_harmonies),
        ("Doubles", layers.ODDS[1:2], layers.learn_doubles, layers.judge_doubles),
        ("Voices in the gaps", layers.ODDS[2:], layers.learn_gap_voices, layers.judge_gap_voices),
        ("Layered songs", layers.LAYERED, layers.learn_layered_songs, layers.judge_layered_songs),
        ("Songs with filled gaps", layers.FILLED, layers.learn_filled_songs, layers.judge_filled_songs),
    ):
        report(Group(title=title, today=today(layer_odds, names), learn=learn_one, judge=judge_one), voices)
    return 0


if __name__ == "__main__":
    sys.exit(main())
