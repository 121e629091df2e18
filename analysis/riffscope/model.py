"""The values everything passes: sound, spans, estimates, evidence, verdicts and outcomes.

All are frozen, keyword-only and checked once, in the constructor. Times are seconds from the start of the file.
"""

import enum
import functools
import math
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Annotated, Any, Literal, TypeVar, dataclass_transform

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Float32s
from riffscope.choices import Separator
from riffscope.chord_names import respell
from riffscope.errors import Absence, CannotMeasure
from riffscope.long_arrays import copied, owns
from riffscope.notes import Spelling
from riffscope.units import BPM, CHORD, COUNT, GENERALLY, HZ, NOTE, PROBABILITY, SECONDS, Said, Unit

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a frozen, keyword-only value.

    Arrays are copied and made read-only (one that is already read-only is shared), stay so when pickled, and switch off
    ``==``, which numpy would answer element by element. Numbers must be finite. A ``__post_init__`` of the class runs
    after these checks. Its ``repr`` is one short line: of arrays, long tuples and long texts it says what they are.
    """
    check = cls.__dict__.get("__post_init__")

    def __post_init__(self: Any) -> None:  # noqa: N807 - becomes the method
        for name in names:
            content = getattr(self, name)
            if isinstance(content, np.ndarray):
                object.__setattr__(self, name, _read_only(content))
                continue
            if isinstance(content, np.generic):
                content = content.item()
                object.__setattr__(self, name, content)
            if isinstance(content, float) and not math.isfinite(content):
                raise ValueError(f"{cls.__name__}.{name} must be a finite number, not {content}")
        if check is not None:
            check(self)

    def __reduce__(self: Any) -> tuple[Any, ...]:  # noqa: N807 - becomes the method
        # A mapping that cannot be written to cannot be pickled either.
        content = {name: getattr(self, name) for name in names}
        frozen = [name for name, held in content.items() if isinstance(held, types.MappingProxyType)]
        return _rebuild, (cls, content | {name: dict(content[name]) for name in frozen}, frozen)

    def __repr__(self: Any) -> str:  # noqa: N807 - becomes the method
        return f"{cls.__name__}({', '.join(f'{name}={_in_short(getattr(self, name))}' for name in names)})"

    cls.__post_init__ = __post_init__  # type: ignore[attr-defined]
    if cls.__repr__ is object.__repr__ or hasattr(cls.__repr__, "of_values"):
        __repr__.of_values = True  # type: ignore[attr-defined]
        cls.__repr__ = __repr__  # type: ignore[method-assign]
    cls.__reduce__ = __reduce__  # type: ignore[method-assign]
    holds_arrays = any("NDArray" in str(hint) or "ndarray" in str(hint) for hint in cls.__annotations__.values())
    made = dataclass(frozen=True, kw_only=True, eq=not holds_arrays, repr=False)(cls)
    names = [f.name for f in fields(made)]  # type: ignore[arg-type]
    return made


# Longer texts are cut, and of longer tuples and mappings it is said what they hold.
SHORT_TEXT, SHORT_TUPLE, SHORT_LINE = 60, 4, 80


def _in_short(content: Any) -> str:
    """Say in a few words what a field holds."""
    match content:
        case np.ndarray():
            return f"{content.dtype}[{', '.join(map(str, content.shape))}]"
        case enum.Enum():
            return repr(content.value)
        case str():
            return repr(content if len(content) <= SHORT_TEXT else f"{content[: SHORT_TEXT - 1]}…")
        case float():
            return f"{content:.6g}"
        case tuple() if len(content) > SHORT_TUPLE:
            return f"{len(content)} × {_kinds(content)}"
        case tuple():
            line = f"({', '.join(map(_in_short, content))}{',' if len(content) == 1 else ''})"
            return line if len(line) <= SHORT_LINE else f"{len(content)} × {_kinds(content)}"
        case Mapping() if len(content) > SHORT_TUPLE:
            return f"{len(content)} × {_kinds(content.values())}"
        case Mapping():
            return f"{{{', '.join(f'{name!r}: {_in_short(one)}' for name, one in content.items())}}}"
        case _:
            return repr(content)


def _kinds(contents: Iterable[Any]) -> str:
    return " or ".join(dict.fromkeys(type(one).__name__ for one in contents))


def _rebuild(cls: type[T], content: Mapping[str, Any], frozen: Sequence[str]) -> T:
    return cls(**{**content, **{name: types.MappingProxyType(content[name]) for name in frozen}})


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not array.flags.writeable and owns(array):
        return array
    copy = copied(array)
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is known of a field of a value class.

    Attributes
    ----------
    kind : type
        Its bare type, without unit and without None.
    unit : Unit or None
    label : str
        What it is called where its name alone does not say; empty for most.
    said : Said
        How it goes into sentences.
    """

    kind: Any
    unit: Unit | None
    label: str
    said: Said = GENERALLY


def fields_of(cls: type) -> Mapping[str, Field]:
    """Each field of a value class by its name, read from annotations such as ``Annotated[float, LU, "headroom"]``."""
    return _read_fields(cls)


@functools.cache
def _read_fields(cls: type) -> Mapping[str, Field]:
    out: dict[str, Field] = {}
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        bare: Any = hint
        marks: list[Any] = []
        if typing.get_origin(bare) in {typing.Union, types.UnionType}:  # Annotated[float, LUFS] | None
            bare = next(part for part in typing.get_args(bare) if part is not types.NoneType)
        if typing.get_origin(bare) is Annotated:
            bare, *marks = typing.get_args(bare)
        unit = next((mark for mark in marks if isinstance(mark, Unit)), None)
        label = next((mark for mark in marks if isinstance(mark, str)), "")
        said = next((mark for mark in marks if isinstance(mark, Said)), GENERALLY)
        out[name] = Field(kind=bare, unit=unit, label=label, said=said)
    return types.MappingProxyType(out)


def respelled(content: T, spelling: Spelling) -> T:
    """Return a value with the names of notes and chords in it, and in the values that it holds, spelled alike."""
    if isinstance(content, tuple):
        parts = tuple(respelled(part, spelling) for part in content)
        same = all(a is b for a, b in zip(parts, content, strict=True))
        return content if same else parts  # type: ignore[return-value]
    if not is_dataclass(content) or isinstance(content, type):
        return content
    changed: dict[str, Any] = {}
    for name, field_ in fields_of(type(content)).items():
        before = getattr(content, name)
        match before:
            case str() if field_.unit is NOTE:
                after: Any = spelling.respell(before)
            case str() if field_.unit is CHORD:
                after = respell(before, spelling)
            case tuple() if field_.unit is CHORD:
                after = tuple(respell(label, spelling) for label in before)
            case _:
                after = respelled(before, spelling)
        if after is not before:
            changed[name] = after
    return replace(content, **changed) if changed else content


# ---------------------------------------------------------------------------------------------- time and uncertainty
@value
class Span:
    """A stretch of the song."""

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]

    def __post_init__(self) -> None:
        if not 0 <= self.start_s <= self.end_s:
            raise ValueError(f"a span runs forward in time, not from {self.start_s} to {self.end_s} s")

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


# What a section does in a song.
SectionFunction = Literal["intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "instrumental", "outro"]


class Ruling(enum.StrEnum):
    """What can be said of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTABLE = "not_testable"


@value
class Estimate:
    """A number with its 90% range: the true value should lie inside in nine of ten cases.

    Attributes
    ----------
    value : float
        The likeliest.
    low, high : float
        The ends of the range.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"an estimate lies within its range: {self.low} <= {self.value} <= {self.high}")

    def at_most(self, limit: float) -> Ruling:
        """Is it at most ``limit``? Inconclusive when the range straddles the limit."""
        if self.high <= limit:
            return Ruling.SUPPORTED
        return Ruling.REFUTED if self.low > limit else Ruling.INCONCLUSIVE

    def at_least(self, limit: float) -> Ruling:
        """Is it at least ``limit``? Inconclusive when the range straddles the limit."""
        if self.low >= limit:
            return Ruling.SUPPORTED
        return Ruling.REFUTED if self.high < limit else Ruling.INCONCLUSIVE

    def within(self, lowest: float, highest: float) -> Ruling:
        """Does it lie between the two limits? Inconclusive when the range straddles one of them."""
        above, below = self.at_least(lowest), self.at_most(highest)
        if Ruling.REFUTED in {above, below}:
            return Ruling.REFUTED
        return Ruling.SUPPORTED if above is below is Ruling.SUPPORTED else Ruling.INCONCLUSIVE


def subtract(first: Estimate, second: Estimate) -> Estimate:
    """Return second minus first; the ranges add as independent errors do, by the root of their squares."""
    difference = second.value - first.value
    return Estimate(
        value=difference,
        low=difference - math.hypot(second.value - second.low, first.high - first.value),
        high=difference + math.hypot(second.high - second.value, first.value - first.low),
    )


# ------------------------------------------------------------------------------------------------------------- sound
@value
class Tags:
    """What the file says of itself. Hostile text: escape it wherever it is shown."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    year: str | None = None


@value
class Source:
    """Where a sound came from.

    Attributes
    ----------
    name : str
        Of the file, without its folders.
    sha256 : str
        Of the file's bytes, in hexadecimal.
    duration_s : float
        The length that was decoded.
    sample_rate_hz, channels : int
        As in the file.
    codec : str
        What the bytes were found to be, whatever the file is called.
    tags : Tags
        What the file says of itself.
    status : {"ok", "partial"}
        Whether all that the file promises was decoded.
    warnings : tuple of str
        What was wrong with the file and did no harm.
    """

    name: str
    sha256: str
    duration_s: Annotated[float, SECONDS]
    sample_rate_hz: Annotated[int, HZ]
    channels: int
    codec: str
    tags: Tags = field(default_factory=Tags)
    status: Literal["ok", "partial"] = "ok"
    warnings: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        """Its number of channels in words."""
        return {1: "mono", 2: "stereo"}.get(self.channels, f"{self.channels} channels")

    @property
    def title(self) -> str:
        """The title from the tags, or the file's name without its ending."""
        return self.tags.title or self.name.rpartition(".")[0] or self.name


@value
class Audio:
    """A decoded song at its own sample rate and with its own channels.

    Attributes
    ----------
    samples : float32 array, shape (channels, n)
        Full scale is 1; finite throughout.
    speakers : tuple of str
        What each channel is in the file's own words (``L``, ``C``, ``LFE``, ``Ls``, ...); empty where it has none.
    """

    samples: Float32s
    sample_rate_hz: int
    source: Source
    speakers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.speakers and len(self.speakers) != len(self.samples):
            raise ValueError(f"{len(self.samples)} channels cannot be {' '.join(self.speakers)}")
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise ValueError("samples are float32 of shape (channels, n)")
        if self.samples.size == 0:
            raise ValueError("samples hold no sound")

    def __repr__(self) -> str:
        source = self.source
        return f"Audio({source.name!r}, {self.duration_s:.1f} s, {self.sample_rate_hz} Hz, {source.layout})"

    @property
    def duration_s(self) -> float:
        """Its length."""
        return float(self.samples.shape[1] / self.sample_rate_hz)

    def check_lasts(self, shortest_s: float, purpose: str) -> None:
        """Refuse a song that is too short, as in ``for a spectrum``.

        Raises
        ------
        CannotMeasure
            It is shorter than so many seconds.
        """
        if self.duration_s < shortest_s:
            reason = f"{self.duration_s:.2f} s is too short {purpose} (needs {shortest_s:.2f} s)"
            raise CannotMeasure(Absence.TOO_SHORT, reason)


class VocalSource(enum.StrEnum):
    """What was listened to for the voice, and with it for what plays behind it. Its value is the JSON's ``method``."""

    MIX = "mix"
    """The whole mix: nothing was separated."""
    STEM = "stem"
    """A track of the voice alone, which the user gave."""
    SPLEETER = "separated:spleeter"
    """The vocals as Spleeter separated them from the mix."""

    @property
    def separated(self) -> bool:
        """Whether there is a track of the voice apart from the mix."""
        return self is not VocalSource.MIX

    @property
    def in_words(self) -> str:
        """What was listened to, for people."""
        return {
            VocalSource.MIX: "the full mix",
            VocalSource.STEM: "the vocal stem that was given",
            VocalSource.SPLEETER: "the vocals separated by Spleeter",
        }[self]


@value
class Settings:
    """What the user chose for an analysis.

    Attributes
    ----------
    separator : str
        What takes the voice out of the mix: ``spleeter``, ``none``, or ``auto``: the model where it is installed.
    vocals : Audio or None
        The voice's own track, which the user has; it wins over any separator.
    tempo_bpm, beats_per_bar, downbeat_s : float, int and float, or None
        The tempo, the meter and the time of a downbeat, as the user knows them: they overrule what is heard.
    sections : str or None
        The name of the file that the sections were taken from.
    """

    separator: Separator = "auto"
    vocals: Audio | None = None
    tempo_bpm: Annotated[float, BPM] | None = None
    beats_per_bar: Annotated[int, COUNT] | None = None
    downbeat_s: Annotated[float, SECONDS] | None = None
    sections: str | None = None

    def described(self) -> dict[str, str]:
        """The choices in words, for the record."""
        given = {
            "vocals": None if self.vocals is None else self.vocals.source.name,
            "tempo": self.tempo_bpm,
            "meter": self.beats_per_bar,
            "downbeat": self.downbeat_s,
            "sections": self.sections,
        }
        return {"separator": self.separator} | {name: str(told) for name, told in given.items() if told is not None}


# ---------------------------------------------------------------------------------------------------------- verdicts
@value
class Evidence:
    """One number that a verdict rests on, and where to hear it.

    Attributes
    ----------
    label : str
        What the number is, for people.
    measure : str
        Its path, as in ``vocal_range.span_semitones``.
    value, low, high : float or None
        The number and the ends of its 90% range.
    unit : str
        Of the number as it is stored: ``fraction`` for 0..1.
    limit : float or None
        What the claim asks for.
    percentile : float or None
        Where the number lies among those of other songs.
    reference : str or None
        Which songs those are.
    spans : tuple of Span
        Where to listen.
    """

    label: str
    measure: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    limit: float | None = None
    percentile: float | None = None
    reference: str | None = None
    spans: tuple[Span, ...] = ()


@value
class Finding:
    """What a kind of claim finds: the ruling, one sentence with the numbers, and what it rests on.

    Attributes
    ----------
    ruling : Ruling
    because : str
        One sentence with the numbers.
    probability : float or None
        That the claim is true, 0..1; None where that cannot be said.
    evidence : tuple of Evidence
        What the ruling rests on.
    caveats : tuple of str
        What to bear in mind, a sentence each.
    """

    ruling: Ruling
    because: str
    probability: Annotated[float, PROBABILITY] | None = None
    evidence: tuple[Evidence, ...] = ()
    caveats: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.ruling.replace('_', ' ')}: {_in_short(self.because)})"


Leaning = Literal["probably_true", "probably_false"]

# An inconclusive claim leans to one side from this probability on: three to one.
LEANING_FROM = 0.75


@value
class Verdict(Finding):
    """A finding on a claim.

    Attributes
    ----------
    claim : str
        Its name in the claims file.
    text : str
        What is claimed.
    leaning : str or None
        The side that an inconclusive claim is likelier on by three to one or more: ``probably_true`` or
        ``probably_false``. None where it leans to neither, and where it is decided.
    """

    claim: str
    text: str
    leaning: Leaning | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.ruling.replace('_', ' ')}: {_in_short(self.text)})"

    @classmethod
    def on(cls, claim: str, text: str, finding: Finding) -> "Verdict":
        """Give a finding the claim that it is about."""
        fields_of_finding = {one.name: getattr(finding, one.name) for one in fields(Finding)}
        return cls(claim=claim, text=text, leaning=leaning_of(finding), **fields_of_finding)


def leaning_of(finding: Finding) -> Leaning | None:
    """Say to which side an inconclusive finding leans, if to any."""
    if finding.ruling is not Ruling.INCONCLUSIVE or finding.probability is None:
        return None
    if finding.probability >= LEANING_FROM:
        return "probably_true"
    return "probably_false" if finding.probability <= 1 - LEANING_FROM else None


# ---------------------------------------------------------------------------------------------------------- outcomes
@value
class Measured:
    """A measurement that succeeded.

    Attributes
    ----------
    version : int
        Of the step that made it.
    seconds : float
        How long that took.
    caveats : tuple of str
        What it had to do without, a sentence each.
    """

    value: Any
    version: int
    seconds: Annotated[float, SECONDS]
    caveats: tuple[str, ...] = ()


@value
class Missing:
    """The music has nothing to measure: silence has no loudness, a piano piece no singer.

    Attributes
    ----------
    measurement : str
        What is missing, as in ``vocal_range``.
    code : Absence
        Why, for programs.
    reason : str
        Why, for people: one line.
    version : int
        Of the step that found nothing; 0 where it is not known.
    """

    measurement: str
    code: Absence
    reason: str
    version: int = 0


@value
class Failed:
    """riffscope itself broke down here; the other measurements are not affected.

    Attributes
    ----------
    measurement : str
        What there is none of.
    error : str
        What was raised, in one line.
    origin : str
        The step that broke down: this one, or one that it needs.
    traceback : str
        Where, in full, for those who mend it.
    version : int
        Of the step that there is no result of; 0 where it is not known.
    """

    measurement: str
    error: str
    origin: str
    traceback: str = ""
    version: int = 0

    @property
    def reason(self) -> str:
        """Why there is no value, in one line."""
        if self.origin == self.measurement:
            return f"failed: {self.error}"
        return f"needs {self.origin.replace('_', ' ')}, which failed: {self.error}"


Outcome = Measured | Missing | Failed


def snake_case(name: str) -> str:
    """``VocalRange`` -> ``vocal_range``: what a result type is called in JSON, tables and claims."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
