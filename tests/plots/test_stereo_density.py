import numpy as np
import pytest

from figure_layout import assert_legible, texts
from outcomes import missing
from riffscope import plots
from riffscope.analyzers.density import Density
from riffscope.analyzers.stereo import Stereo
from riffscope.errors import NotMeasured
from riffscope.model import Estimate, Measured
from songs import example_song, with_outcomes

NO_DIP = Estimate(low=0.0, value=0.0, high=1.2)
EDGES_HZ = 1000 * 2.0 ** np.arange(-5.5, 5.0)


def stereo(width=0.2, correlation=0.6, bands=10):
    spread = np.linspace(0, 1, bands)
    return Stereo(
        width_fraction=width,
        correlation=correlation,
        mono_loss_lu=1.2,
        band_edges_hz=EDGES_HZ[: bands + 1],
        band_width_fraction=width * spread,
        band_correlation=np.full(bands, np.nan) if correlation is None else 1 - (1 - correlation) * spread,
    )


def density(seconds=215, pumping_db=NO_DIP):
    t = np.arange(seconds)
    return Density(
        onsets_per_s=Estimate(low=4.1, value=4.2, high=5.3),
        active_bands_mean=Estimate(low=5.2, value=5.6, high=5.9),
        pumping_db=pumping_db,
        curve=np.clip(3 + 4 * t / seconds, 0, 7),
        onset_curve=4.2 + 2 * np.sin(t / 9),
        step_s=1.0,
    )


def with_empty_bands():
    found = stereo()
    width, correlation = found.band_width_fraction.copy(), found.band_correlation.copy()
    width[[0, 9]] = correlation[[0, 9]] = np.nan
    return Stereo(
        **{name: getattr(found, name) for name in ("width_fraction", "correlation", "mono_loss_lu", "band_edges_hz")},
        band_width_fraction=width,
        band_correlation=correlation,
    )


RESULTS = {
    "stereo": stereo(),
    "mono": stereo(0.0, 1.0),
    "antiphase": stereo(1.0, -1.0),
    "one side": stereo(0.5, None),
    "telephone": stereo(bands=7),
    "empty bands": with_empty_bands(),
    "density": density(),
    "pumping": density(pumping_db=Estimate(low=3.4, value=6.5, high=9.4)),
    "may pump": density(pumping_db=Estimate(low=0.0, value=0.0, high=6.0)),
    "no beat": density(pumping_db=None),
    "long": density(3600),
    "short": density(3),
}


def song_with(result, duration_s=215.0):
    name = type(result).__name__.lower()
    song = example_song(duration_s=duration_s)
    return with_outcomes(song, {name: Measured(value=result, version=1, seconds=0.1)}), getattr(plots, name)


@pytest.mark.pages
@pytest.mark.parametrize("name", RESULTS)
def test_no_text_is_cut_off_or_lies_on_another(name):
    result = RESULTS[name]
    song, draw = song_with(result, duration_s=max(10.0, result.curve.size) if isinstance(result, Density) else 215.0)
    figure = draw(song)
    assert_legible(figure)


@pytest.mark.parametrize("name", ["stereo", "density"])
def test_the_same_song_gives_the_same_svg_without_stray_content(name):
    song, draw = song_with(RESULTS[name])
    svg = plots.to_svg(draw(song))
    assert svg == plots.to_svg(draw(song))
    assert "<style" not in svg
    assert "nan" not in svg.lower()
    assert len(svg) < 200_000


def test_each_band_has_a_bar_with_its_number_and_an_empty_one_none():
    song, draw = song_with(RESULTS["empty bands"])
    wide, alike = draw(song).axes
    for axes in (wide, alike):
        assert [round(bar.get_x() + bar.get_width() / 2) for bar in axes.patches] == list(range(1, 9))
    assert [bar.get_height() for bar in wide.patches] == pytest.approx(
        100 * RESULTS["empty bands"].band_width_fraction[1:9]
    )
    assert any("whole song: 20%" in words for words, _ in texts(draw(song)))


def test_one_silent_channel_is_said_where_there_is_no_correlation_to_draw():
    song, draw = song_with(RESULTS["one side"])
    assert any("one channel is silent" in words for words, _ in texts(draw(song)))


def test_the_curves_are_drawn_at_their_times():
    song, draw = song_with(RESULTS["density"])
    full, busy = draw(song).axes
    for axes, curve in ((full, RESULTS["density"].curve), (busy, RESULTS["density"].onset_curve)):
        x, y = axes.lines[0].get_data()
        assert x[[0, -1]].tolist() == [0.5, 214.5]
        np.testing.assert_allclose(y, curve)


def test_pumping_is_named_only_where_it_could_be_measured():
    def words(name):
        song, draw = song_with(RESULTS[name])
        return " ".join(text for text, _ in texts(draw(song)))

    assert "pumping by 6.5 dB" in words("pumping")
    assert "pumping unclear" in words("may pump")
    assert "no pumping" in words("density")
    assert "pumping" not in words("no beat")


@pytest.mark.parametrize("name", ["stereo", "density"])
def test_nothing_measured_raises_the_reason(name):
    song = with_outcomes(example_song(), {name: missing(name)})
    with pytest.raises(NotMeasured, match="silent"):
        getattr(plots, name)(song)
