"""Recorded drum kits: the samples of Debian's ``hydrogen-drumkits``, sorted by what a drummer calls them."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

FOLDER = Path("/usr/share/hydrogen/data/drumkits")
"""Where Debian's package ``hydrogen-drumkits`` puts its kits."""

MAX_DURATION_S = 2.5
CHOKE_S = 0.02
MAX_ATTACK_S = 0.015
"""What sounds longer than this before a stroke is half as loud as it gets is not the stroke: vinyl rumble, the swish of
a snapping finger."""
BARELY_HEARD = 1e-3
"""Share of a sample's peak below which its tail is cut: 60 dB down is under any mix, and costs time to add."""


class Role(StrEnum):
    """What an instrument does in a kit."""

    KICK = "kick"
    SNARE = "snare"
    SIDE_STICK = "side_stick"
    CLAP = "clap"
    CLOSED_HAT = "closed_hat"
    PEDAL_HAT = "pedal_hat"
    OPEN_HAT = "open_hat"
    RIDE = "ride"
    CRASH = "crash"
    LOW_TOM = "low_tom"
    MID_TOM = "mid_tom"
    HIGH_TOM = "high_tom"
    SHAKER = "shaker"
    COWBELL = "cowbell"
    TAMBOURINE = "tambourine"
    CONGA = "conga"


# The first pattern found in an instrument's name decides. Order matters: a "side stick" is not a "stick" on a ride, a
# "ride-crash" is recorded as a ride, and the floor tom must be known before the toms.
_NAMES: tuple[tuple[str, Role | None], ...] = (
    (r"roll|choke|swish|flink", None),  # several strokes, or no clear one
    (r"rim ?click|side ?stick|\bstick\b|^click|clave|wood ?block", Role.SIDE_STICK),
    (r"kick|bass ?drum|cajon thump", Role.KICK),
    (r"snare|^redo\b|cajon slap", Role.SNARE),
    (r"clap|finger ?snap", Role.CLAP),
    (r"(hat|hh).*(pedal|foot|\bpd\b)|(pedal|foot).*(hat|hh)", Role.PEDAL_HAT),
    (r"(hat|hh).*(open|\bop\b|free)|(open|\bo)\W?(hi\W?)?(hat|hh)", Role.OPEN_HAT),
    (r"\bhat\b|hi\W?hat|\bhh\b", Role.CLOSED_HAT),
    (r"cow ?bell|agogo|bell (hit|mute)|dununba1 bell", Role.COWBELL),
    (r"(?<!/)\bride\b|crash/ride (bell|bow)|^(paiste )?bell", Role.RIDE),
    (r"crash|cymbal|splash|china", Role.CRASH),
    (r"tom\W?low|low tom|floor|tom low", Role.LOW_TOM),
    (r"tom\W?hi|high tom|tom 1", Role.HIGH_TOM),
    (r"\btom\b|tom\W?mid|middle tom", Role.MID_TOM),
    (r"shaker|maraca", Role.SHAKER),
    (r"tambourine", Role.TAMBOURINE),
    (r"conga|bongo|djembe\d? (tone|slap)", Role.CONGA),
)

# Within a role these come after the plain instrument: one wants the ride before its bell, a crash before a splash.
_SPECIAL = re.compile(
    r"bell|cup|semi|splash|china|free|rimshot|clave|wood|snap|agogo|slap|dry|hi\d|opaco|side|dirty|pedal|2$"
)

# Where a role is missing: the nearest that a drummer would strike instead, first found.
_NEAR: Mapping[Role, tuple[Role, ...]] = {
    Role.KICK: (Role.LOW_TOM,),
    Role.SNARE: (Role.CLAP, Role.SIDE_STICK),
    Role.SIDE_STICK: (Role.CLAP, Role.SNARE),
    Role.CLAP: (Role.SNARE,),
    Role.CLOSED_HAT: (Role.PEDAL_HAT, Role.SHAKER, Role.RIDE),
    Role.PEDAL_HAT: (Role.CLOSED_HAT, Role.SHAKER, Role.RIDE),
    Role.OPEN_HAT: (Role.CRASH, Role.CLOSED_HAT, Role.TAMBOURINE, Role.SHAKER, Role.RIDE),
    Role.RIDE: (Role.CLOSED_HAT, Role.OPEN_HAT, Role.SHAKER),
    Role.CRASH: (Role.OPEN_HAT, Role.RIDE, Role.TAMBOURINE),
    Role.LOW_TOM: (Role.MID_TOM, Role.HIGH_TOM, Role.CONGA, Role.KICK),
    Role.MID_TOM: (Role.LOW_TOM, Role.HIGH_TOM, Role.CONGA, Role.SNARE),
    Role.HIGH_TOM: (Role.MID_TOM, Role.LOW_TOM, Role.CONGA, Role.SNARE),
    Role.SHAKER: (Role.CLOSED_HAT, Role.RIDE),
    Role.COWBELL: (Role.RIDE, Role.SIDE_STICK, Role.CLOSED_HAT),
    Role.TAMBOURINE: (Role.SHAKER, Role.CLOSED_HAT, Role.RIDE),
    Role.CONGA: (Role.HIGH_TOM, Role.MID_TOM, Role.SIDE_STICK, Role.SNARE),
}

# Hand percussion is no part of most kits, and any of it goes with any kit: it is borrowed before `_NEAR` is asked.
_HAND_PERCUSSION = (Role.SHAKER, Role.TAMBOURINE, Role.CONGA, Role.COWBELL, Role.CLAP)
_TIMEKEEPERS = (Role.CLOSED_HAT, Role.OPEN_HAT, Role.RIDE, Role.SHAKER)

# Peak over the kick's in a plain mix, dB. The kits' own faders are kept within `_LEEWAY_DB` of these, since some were
# never balanced (a hat at the kick's peak, a tom 30 dB under it).
_BALANCE_DB: Mapping[Role, float] = {
    Role.KICK: 0.0,
    Role.SNARE: -1.0,
    Role.SIDE_STICK: -6.0,
    Role.CLAP: -4.0,
    Role.CLOSED_HAT: -11.0,
    Role.PEDAL_HAT: -13.0,
    Role.OPEN_HAT: -10.0,
    Role.RIDE: -10.0,
    Role.CRASH: -6.0,
    Role.LOW_TOM: -2.0,
    Role.MID_TOM: -2.0,
    Role.HIGH_TOM: -2.0,
    Role.SHAKER: -13.0,
    Role.COWBELL: -9.0,
    Role.TAMBOURINE: -11.0,
    Role.CONGA: -5.0,
}
_LEEWAY_DB = 5.0

# A shaker swells before it is heard as a beat, so its attack is where it is nearly there; other drums start at once.
_ATTACK_SHARE: Mapping[Role, float] = {Role.SHAKER: 0.4, Role.TAMBOURINE: 0.3, Role.PEDAL_HAT: 0.25}


class Wave(NamedTuple):
    """A sample that begins with its attack, at a peak of 1, and the peak that it had in its file."""

    samples: NDArray[np.float32]
    recorded_peak: float


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One recording of an instrument: the strokes up to ``loudest_velocity`` (0..1) are played with it."""

    path: Path
    loudest_velocity: float
    gain: float
    pitch_semitones: float


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """An instrument of a kit: its recordings from soft to loud, and the kit's fader for it (a linear gain)."""

    name: str
    role: Role
    gain: float
    layers: tuple[Layer, ...]
    borrowed: bool = False

    def layer(self, velocity: float) -> Layer:
        """Give the recording for a stroke of this velocity (0..1)."""
        return next((layer for layer in self.layers if velocity <= layer.loudest_velocity), self.layers[-1])

    def wave(self, velocity: float, *, sample_rate_hz: int, tuning_semitones: float = 0.0) -> Wave:
        """Give the sample for a stroke of this velocity (0..1), its peak at 1."""
        layer = self.layer(velocity)
        pitch = layer.pitch_semitones + tuning_semitones
        return _wave(layer.path, _ATTACK_SHARE.get(self.role, 0.1), pitch, sample_rate_hz)


@dataclass(frozen=True, kw_only=True)
class Kit:
    """A drum kit: for each role the instruments that can play it, the first of which does (see `Kit.draw`)."""

    name: str
    sample_rate_hz: int
    instruments: Mapping[Role, tuple[Instrument, ...]]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that the kit has an instrument of its own for, borrowed hand percussion left out."""
        return tuple(role for role in Role if role in self.instruments and not self.instruments[role][0].borrowed)

    def draw(self, rng: np.random.Generator) -> "Kit":
        """Give the same kit with an instrument drawn for each role, where it has several (twelve kicks in one)."""
        drawn = {role: (some[int(rng.integers(len(some)))],) for role, some in self.instruments.items()}
        return replace(self, instruments=drawn)

    def instrument(self, role: Role | str) -> Instrument:
        """Give the instrument that plays a role: the kit's own, or the musically nearest."""
        role = Role(role)
        return self.instruments[next(near for near in (role, *_NEAR[role], *Role) if near in self.instruments)][0]

    def gain(self, role: Role | str) -> float:
        """Peak of a role at full velocity (linear), in the kit's own balance as far as that is sensible."""
        instrument = self.instrument(role)
        wanted_db = _BALANCE_DB[Role(role)]
        if instrument.borrowed:
            return float(10 ** (wanted_db / 20))
        own_db = 20 * np.log10(self._recorded_level(instrument) / self._recorded_level(self.instrument(Role.KICK)))
        return float(10 ** (np.clip(own_db, wanted_db - _LEEWAY_DB, min(0.0, wanted_db + _LEEWAY_DB)) / 20))

    def hit(self, role: Role | str, velocity: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """Give one stroke as samples ``(n,)`` whose attack is at sample 0.

        Parameters
        ----------
        role
            What is struck. A role that the kit lacks is played on a near one.
        velocity
            How hard, 0..1.
        rng
            Decides between two recordings where the velocity is near their border.
        """
        return self._stroke(role, velocity, rng, tuning_semitones=0.0)

    def _stroke(
        self, role: Role | str, velocity: float, rng: np.random.Generator, *, tuning_semitones: float
    ) -> NDArray[np.float32]:
        velocity = min(max(velocity, 0.0), 1.0)
        heard = min(max(velocity + 0.04 * float(rng.standard_normal()), 0.0), 1.0)
        wave = self.instrument(role).wave(heard, sample_rate_hz=self.sample_rate_hz, tuning_semitones=tuning_semitones)
        # An exponent of 1.5 gives 30 dB from a ghost note (.1) to a full stroke, about what drummers play.
        return wave.samples * np.float32(self.gain(role) * velocity**1.5)

    def _recorded_level(self, instrument: Instrument) -> float:
        wave = instrument.wave(1.0, sample_rate_hz=self.sample_rate_hz)
        return max(1e-6, instrument.gain * instrument.layer(1.0).gain * wave.recorded_peak)


def load_kits(folder: Path = FOLDER, *, sample_rate_hz: int = 22050) -> list[Kit]:
    """Find the kits that can play a beat: kick, snare, and something to keep time on (hi-hat, ride or shaker).

    Only the XML is read here; a sample is read when it is first struck, once per process. Hand percussion that a kit
    lacks is borrowed from the others in the folder.

    Parameters
    ----------
    folder
        Folder with one folder per kit, each with a ``drumkit.xml``.
    sample_rate_hz
        Sample rate that the kits play at.

    Raises
    ------
    FileNotFoundError
        If there is no kit in the folder.
    """
    found = {path.parent.name: _read_instruments(path) for path in sorted(folder.glob("*/drumkit.xml"))}
    if not found:
        msg = f"{folder}: no drum kits (apt install hydrogen-drumkits)"
        raise FileNotFoundError(msg)
    lent = {
        role: [replace(one, borrowed=True) for some in found.values() for one in some.get(role, ())]
        for role in _HAND_PERCUSSION
    }
    kits: list[Kit] = []
    for name, own in found.items():
        if not (Role.KICK in own and Role.SNARE in own and any(role in own for role in _TIMEKEEPERS)):
            continue
        # Each kit begins at another lender, so that kits differ there too before anything is drawn.
        turn = len(kits)
        borrowed = {
            role: tuple(some[turn % len(some) :] + some[: turn % len(some)]) for role, some in lent.items() if some
        }
        kits.append(Kit(name=name, sample_rate_hz=sample_rate_hz, instruments={**borrowed, **own}))
    return kits


def play(
    kit: Kit,
    hits: Sequence[tuple[float, Role | str, float]],
    length_samples: int,
    rng: np.random.Generator,
    *,
    tuning_semitones: float = 0.0,
) -> NDArray[np.float32]:
    """Play a drum part on a kit.

    Parameters
    ----------
    kit
        The kit, at whose sample rate the result is.
    hits
        Strokes as (time in seconds, role, velocity 0..1), in any order; those outside the length are cut.
    length_samples
        Length of the result.
    rng
        Decides between recordings (`Kit.hit`).
    tuning_semitones
        How far the whole kit is repitched, as on a sampler: higher is also shorter.

    Returns
    -------
    Samples ``(length_samples,)``, not scaled: several strokes at once may go over 1.
    """
    out = np.zeros(length_samples, dtype=np.float32)
    ordered = sorted(hits, key=lambda hit: hit[0])
    choke_s = np.array([time_s for time_s, role, _ in ordered if Role(role) in _CHOKING])
    for time_s, role, velocity in ordered:
        wave = kit._stroke(role, velocity, rng, tuning_semitones=tuning_semitones)
        if Role(role) is Role.OPEN_HAT:
            later = int(np.searchsorted(choke_s, time_s + 1e-3))
            if later < len(choke_s):
                wave = _cut(wave, int((choke_s[later] - time_s + CHOKE_S) * kit.sample_rate_hz), kit.sample_rate_hz)
        start = round(time_s * kit.sample_rate_hz)
        wave = wave[max(0, -start) :]
        start = max(0, start)
        stop = min(length_samples, start + len(wave))
        if stop > start:
            out[start:stop] += wave[: stop - start]
    return out


# An open hat is silenced by the next stroke on the same pair of cymbals.
_CHOKING = (Role.CLOSED_HAT, Role.PEDAL_HAT, Role.OPEN_HAT)


def role_of(name: str) -> Role | None:
    """Tell an instrument's role from its name in a ``drumkit.xml``, or that it has none here."""
    plain = _plain(name)
    return next((role for pattern, role in _NAMES if re.search(pattern, plain)), None)


def _read_instruments(path: Path) -> dict[Role, tuple[Instrument, ...]]:
    # The files are the distribution's own, not a stranger's.
    root = ET.parse(path).getroot()  # noqa: S314
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # old kits have no namespace, newer ones do
    found: dict[Role, list[Instrument]] = {}
    for element in root.iter("instrument"):
        name = (element.findtext("name") or "").strip()
        role = role_of(name)
        layers = _read_layers(element, path.parent)
        if role is None or not layers:
            continue
        # One kit has its half-open hat where others have the pedal.
        if role is Role.PEDAL_HAT and any("open" in layer.path.name.lower() for layer in layers):
            role = Role.OPEN_HAT
        gain = _number(element, "volume", 1.0) * _number(element, "gain", 1.0)
        found.setdefault(role, []).append(Instrument(name=name, role=role, gain=gain, layers=layers))
    return {role: tuple(sorted(some, key=_is_special)) for role, some in found.items()}


def _is_special(instrument: Instrument) -> bool:
    return bool(_SPECIAL.search(_plain(instrument.name)))


def _plain(name: str) -> str:
    # What is in brackets is the maker's; one kit puts its own name first, another the key: "f#3 - hi-hat closed".
    plain = re.sub(r"\([^)]*\)", "", name).lower().replace("varibreaks", "")
    return re.sub(r"^\s*[a-g]#?\d - ", "", plain).strip()


def _read_layers(instrument: ET.Element, folder: Path) -> tuple[Layer, ...]:
    # The oldest kits have no layers, only a file name in the instrument itself.
    holders = list(instrument.iter("layer")) or [instrument]
    layers = [
        Layer(
            path=folder / (holder.findtext("filename") or ""),
            loudest_velocity=_number(holder, "max", 1.0),
            gain=_number(holder, "gain", 1.0) if holder.tag == "layer" else 1.0,
            pitch_semitones=_number(holder, "pitch", 0.0),
        )
        for holder in holders
    ]
    return tuple(sorted((one for one in layers if one.path.is_file()), key=lambda one: one.loudest_velocity))


def _number(element: ET.Element, tag: str, otherwise: float) -> float:
    text = element.findtext(tag)
    return float(text) if text else otherwise


@lru_cache(maxsize=1500)
def _wave(path: Path, attack_share: float, pitch_semitones: float, sample_rate_hz: int) -> Wave:
    with soundfile.SoundFile(path) as file:
        rate_hz = file.samplerate
        # Half a second more than is kept: some recordings begin late.
        heard = file.read(
            int((MAX_DURATION_S * 2 ** (max(0.0, pitch_semitones) / 12) + 0.5) * rate_hz), dtype="float32"
        )
    if heard.ndim > 1:
        # The louder side alone: two microphones at different distances smear the attack when summed.
        heard = np.ascontiguousarray(heard[:, int(np.argmax((heard**2).sum(axis=0)))])
    heard = soxr.resample(heard, rate_hz * 2 ** (pitch_semitones / 12), sample_rate_hz).astype(np.float32)
    peak = float(np.abs(heard).max(initial=0.0))
    if peak < 1e-4:
        return Wave(np.zeros(1, dtype=np.float32), 1e-4)
    size = np.abs(heard)
    first = int(np.argmax(size > 0.02 * peak))
    # Against the peak of the first moment: a crash may swell to its peak long after it was struck.
    struck = float(size[first : first + int(0.06 * sample_rate_hz)].max())
    attack = int(np.argmax(size > attack_share * max(struck, 0.3 * peak)))
    half = int(np.argmax(size > 0.5 * struck))
    if half - attack > MAX_ATTACK_S * sample_rate_hz:
        attack = half
    lead = min(attack, int(0.001 * sample_rate_hz))
    wave = heard[attack - lead :].copy()
    wave[: lead + 1] *= np.linspace(0, 1, lead + 1, dtype=np.float32)
    audible = np.flatnonzero(np.abs(wave) > BARELY_HEARD * peak)
    wave = _cut(wave, min(int(audible[-1]) + 1, int(MAX_DURATION_S * sample_rate_hz)), sample_rate_hz) / np.float32(
        peak
    )
    wave.setflags(write=False)
    return Wave(wave, peak)


def _cut(wave: NDArray[np.float32], length_samples: int, sample_rate_hz: int) -> NDArray[np.float32]:
    cut = wave[:length_samples].copy()
    fade = min(len(cut), int(CHOKE_S * sample_rate_hz))
    cut[len(cut) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return cut
