"""Figure of the chords: a row for each of the commonest, over the time of the song, below the sections."""

from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.structure import Structure
from riffscope.chord_chart import UNSURE_BELOW
from riffscope.chord_names import NO_CHORD, ChordName, printed
from riffscope.errors import Absence, NotMeasured
from riffscope.notes import pitch_class
from riffscope.plots import style
from riffscope.plots.sections import draw_sections
from riffscope.progressions import ChordSpan
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION

# So many rows are read at a glance; all other chords share one more.
MAX_ROWS = 8
ROW_IN = 0.165
SECTIONS_IN = 0.22
TITLE_IN = 0.2
GAP_IN = 0.1
AXIS_IN = 0.22
# Room for a share at the end of a row.
SHARE_IN = 0.4
OTHERS = "others"
# By degree of the key, so that songs can be compared; what lies on no degree is grey. Neighbours in a round of the
# usual chords differ in hue and in lightness.
DEGREE_COLORS = (palette.LOUDNESS, "#cc79a7", "#56b4e9", palette.RHYTHM, palette.VOICE, "#e69f00", palette.HARMONY)
UNSURE_ALPHA = 0.35


@style.figure
def chords(song: SongAnalysis) -> style.Drawing:
    """Draw where each of the commonest chords sounds, and for which share of the chords' time.

    Raises
    ------
    NotMeasured
        No chord was found.
    """
    found = song[Chords]
    of = found.shares
    ranked = [label for label in of if label != NO_CHORD]
    if not ranked:
        raise NotMeasured("chords", Absence.EMPTY, "no chord was found")
    shown = ranked if len(ranked) <= MAX_ROWS + 1 else ranked[:MAX_ROWS]
    rest = ranked[len(shown) :]
    shares = [of[label] for label in shown] + ([sum(of[label] for label in rest)] if rest else [])
    structure = song.get(Structure)
    sections_in = TITLE_IN + SECTIONS_IN + GAP_IN if structure is not None else 0.0
    rows_in = ROW_IN * len(shares)
    figure = style.new_figure(sections_in + TITLE_IN + rows_in + AXIS_IN)
    names = [printed(label, song.spelling) for label in shown] + [OTHERS] * bool(rest)
    left_in = max(style.LEFT_IN, _widest_in(figure, names) + 0.08)
    width_in = style.WIDTH_IN - left_in - SHARE_IN
    if structure is not None:
        above = style.axes_at(figure, left_in=left_in, top_in=TITLE_IN, width_in=width_in, height_in=SECTIONS_IN)
        draw_sections(above, song)
        style.time_axis(above, song.source.duration_s, labels=False)
    top_in = sections_in + TITLE_IN
    axes = style.axes_at(figure, left_in=left_in, top_in=top_in, width_in=width_in, height_in=rows_in)
    _draw_rows(axes, song, found.spans, shown)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0, labelcolor=palette.INK)
    for row, share in enumerate(shares):
        words = axes.annotate(
            FRACTION.format(share), (1, row), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points"
        )
        words.set(va="center", color=palette.MUTED, size=style.SMALL_PT)
    style.title(axes, "Chords", "share of the time")
    style.time_axis(axes, song.source.duration_s)
    return figure


def _draw_rows(axes: Axes, song: SongAnalysis, spans: tuple[ChordSpan, ...], shown: list[str]) -> None:
    """Draw each chord in its row; what is likelier wrong than right is paler."""
    rows = {label: row for row, label in enumerate(shown)}
    axes.set_ylim(len({rows.get(span.label, len(shown)) for span in spans if span.label != NO_CHORD}) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    for row in sorted({rows.get(span.label, len(shown)) for span in spans if span.label != NO_CHORD}):
        axes.axhline(row, color=palette.RULE, linewidth=0.5, zorder=0.4)
    bars: dict[tuple[int, str, float], list[tuple[float, float]]] = {}
    for span in spans:
        if span.label == NO_CHORD:
            continue
        alpha = UNSURE_ALPHA if span.probability < UNSURE_BELOW else 1.0
        place = rows.get(span.label, len(shown)), _color(song, span.label), alpha
        bars.setdefault(place, []).append((span.start_s, span.end_s - span.start_s))
    for (row, color, alpha), places in bars.items():
        axes.broken_barh(places, (row - 0.36, 0.72), color=color, alpha=alpha, linewidth=0)


def _color(song: SongAnalysis, label: str) -> str:
    """Return the colour of a chord's degree in the key of the song; grey where it has none."""
    key, name = song.get(Key), ChordName.parse(label)
    if key is None or name is None:
        return palette.LEVEL
    scale = style.SCALES[key.mode]
    degree = (name.root - pitch_class(key.tonic)) % 12
    return DEGREE_COLORS[scale.index(degree)] if degree in scale else palette.LEVEL


def _widest_in(figure: style.Drawing, names: list[str]) -> float:
    """Return how wide the widest of some names is."""
    drawn = [figure.text(0, 0, name, size=style.SMALL_PT) for name in names]
    widest = max(style.text_width_in(figure, text) for text in drawn)
    for text in drawn:
        text.remove()
    return widest
