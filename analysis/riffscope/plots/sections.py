"""The timeline's panel of the sections."""

from matplotlib.axes import Axes

from riffscope import palette
from riffscope.analyzers.structure import Structure
from riffscope.plots import style
from riffscope.plots.panel import bare, panel
from riffscope.song import SongAnalysis

# The first dress of a letter, then its variants.
VARIED_ALPHA = (0.6, 0.4, 0.25)


@panel(place=10, name="Sections", measurement="structure", height_in=0.22)
def draw_sections(axes: Axes, song: SongAnalysis) -> None:
    """Draw each section in the colour of its letter, and name what it does, or its letter where that is not known."""
    colors: dict[str, str] = {}  # A and A' are one kind of music and share a hue; what is varied is paler
    sections = song[Structure].sections
    for section in sections:
        kind = section.label.rstrip("'")
        color = colors.setdefault(kind, palette.SERIES[len(colors) % len(palette.SERIES)])
        varied = len(section.label) - len(kind)
        span = [(section.start_s, section.end_s - section.start_s)]
        axes.broken_barh(span, (0.08, 0.84), color=color, alpha=VARIED_ALPHA[min(varied, len(VARIED_ALPHA) - 1)])
        share = (section.end_s - section.start_s) / max(song.source.duration_s, 1e-3)
        # A name wider than its section would run into the next; a letter may still fit. With its letter, it tells what
        # is the same music in grey print as well.
        with_letter = f"{section.name} {section.label}" if section.function else section.label
        for name in (with_letter, section.name, section.label):
            if share > 0.012 * (len(name) + 1):
                place = (section.start_s + section.end_s) / 2, 0.5
                axes.text(*place, name, ha="center", va="center", size=style.SMALL_PT)
                break
    for section in sections[1:]:
        axes.axvline(section.start_s, 0.08, 0.92, color="white", linewidth=1.0)
    bare(axes)
    varied_too = any(section.label.endswith("'") for section in sections)
    style.title(axes, "Sections", f"same letter: same music{'; prime: varied' if varied_too else ''}")
