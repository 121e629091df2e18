"""Judge claims: from a claims file and an analysis to verdicts. The audio is not needed.

A claim names its kind (`riffscope.claims`) and, for most kinds, a measure (`riffscope.measures`); all names are checked
before any song is read. Source: own.
"""

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, get_args, get_origin

from riffscope import steps
from riffscope.claims.reading import PairReading, Reading, SongPair, in_doubt
from riffscope.claims.scope import Scope, measures_of_sections, parse_scope
from riffscope.errors import Absence, BadClaim, NotMeasured
from riffscope.files import parse_toml, read_toml
from riffscope.measures import (
    Measure,
    all_measures,
    capitalised,
    certainty_of,
    claimed_measures,
    in_words,
    played_more,
    read_as_played,
    read_measure,
    rests_on,
    where_to_listen,
)
from riffscope.model import Finding, Measured, Ruling, Verdict, VocalSource, snake_case, subtract, value
from riffscope.reference import table as references
from riffscope.reference.table import Reference
from riffscope.song import SongAnalysis
from riffscope.steps import Need, Step
from riffscope.units import SECONDS, Unit
from riffscope.words import joined, shorten

P = ParamSpec("P")
T = TypeVar("T")

# What a kind of claim may take of two songs ...
PAIRS = {PairReading, SongPair}
# ... and what is read by the measure that the claim names.
NUMBERS = {Reading, PairReading}
# A claim about the voice is ruled on from so much singing on, a line or two; of less, one phrase would decide. Chosen
# by hand, not fitted.
MIN_SUNG_S = 5.0
# Why a claim is not testable, where the measurement that is missing gives the numbers.
IN_SHORT = {Absence.NO_VOICE: "no singing was found", Absence.NO_BEAT: "no steady beat was found"}
# What any claim may hold besides the parameters of its kind.
_COMMON = ("text", "kind", "caveats")
# What stands in a claims file is cut where it is said back.
MAX_LETTERS = 80
_PERCENT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*", re.ASCII)


@value
class Claim:
    """A claim as written in a claims file, its kind and parameters checked.

    Attributes
    ----------
    measure : Measure or None
        The number it is about, for kinds that take one.
    options : mapping
        The parameters of its kind.
    scope, against : Scope or None
        The sections that it is about, and those that they are compared with; None for the whole song, and for two
        songs.
    """

    name: str
    text: str
    kind: Step
    measure: Measure | None
    options: Mapping[str, Any]
    caveats: tuple[str, ...]
    scope: Scope | None = None
    against: Scope | None = None

    @property
    def about_two(self) -> bool:
        """Whether it compares two songs."""
        return self.against is None and any(need.type in PAIRS for need in self.kind.needs)


def built_in_claims() -> tuple[Claim, ...]:
    """Return the claims that come with riffscope."""
    return parse_claims((files("riffscope.claims") / "article.toml").read_text("utf-8"), name="article.toml")


def built_in_comparisons() -> tuple[Claim, ...]:
    """Return the claims about two songs that come with riffscope."""
    return parse_claims((files("riffscope.claims") / "comparison.toml").read_text("utf-8"), name="comparison.toml")


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read a claims file of the user's own.

    Raises
    ------
    BadClaim
        It cannot be read, or names what does not exist; says all that is wrong, and the nearest valid names.
    """
    return read_tables(read_toml(path), name=str(path), folder=path.parent)


def parse_claims(text: str, *, name: str, folder: Path = Path()) -> tuple[Claim, ...]:
    """Read claims from TOML, checking every name in it before any audio is read.

    References may be files of the user's own, looked for from `folder` on.
    """
    return read_tables(parse_toml(text, name=name), name=name, folder=folder)


def read_tables(tables: Mapping[str, Any], *, name: str, folder: Path = Path()) -> tuple[Claim, ...]:
    """Read claims from the tables of a claims file, by their names.

    Raises
    ------
    BadClaim
        Some name what does not exist, or lack something; says all that is wrong, and the nearest valid names.
    """
    if not tables:
        raise BadClaim(f"{name}: holds no claim (each is a table such as [small_range])")
    tried = _Tried()
    claims = [
        tried(_parse, claim, table, f"{name}: [{shorten(claim, MAX_LETTERS)}]", folder)
        for claim, table in tables.items()
    ]
    if tried.problems:
        raise BadClaim(*tried.problems)
    return tuple(claim for claim in claims if claim is not None)


def parameters_of(kind: Step) -> str:
    """Return what a kind of claim takes besides its text: ``(measure, limit)``, with optional ones in brackets."""
    takes = [name if name == "measure" else f"[{name}]" for name in parameters_of_measure(kind)]
    takes += [name if default is Parameter.empty else f"[{name}]" for name, default in kind.options.items()]
    return f"({', '.join(takes)})"


def judge(song: SongAnalysis, claims: Iterable[Claim] | None = None) -> tuple[Verdict, ...]:
    """Rule on each claim; on the built-in ones by default.

    A claim about what the music does not hold, such as the range of a singer where nobody sings, is not testable. One
    whose measurement failed or was not made is inconclusive. Both say why.
    """
    return tuple(_judge(song, claim) for claim in (built_in_claims() if claims is None else claims))


def judge_pair(first: SongAnalysis, second: SongAnalysis, claims: Iterable[Claim]) -> tuple[Verdict, ...]:
    """Rule on each claim about two songs, the second against the first; claims about one song are about the second."""
    return tuple(_judge(second, claim, against=first) for claim in claims)


def check_about_one(claims: Iterable[Claim]) -> None:
    """Refuse claims about two songs where there is only one.

    Raises
    ------
    BadClaim
        There are such claims; names all of them.
    """
    problems = [
        f"[{claim.name}]: {claim.kind.name} is about two songs (riffscope compare SONG SONG --claims FILE)"
        for claim in claims
        if claim.about_two
    ]
    if problems:
        raise BadClaim(*problems)


def _judge(song: SongAnalysis, claim: Claim, *, against: SongAnalysis | None = None) -> Verdict:
    noted: tuple[str, ...] = ()
    try:
        doubt = _doubt_of_singer(song, claim)
        given = [_given(song, claim, need, against) for need in claim.kind.needs]
        sure = min((one.certainty for one in given if isinstance(one, (Reading, PairReading))), default=1.0)
        finding: Finding = in_doubt(claim.kind.function(*given, **claim.options), sure)
        noted = tuple(dict.fromkeys((*doubt, *_noted(song, claim), *_noted_of_pair(song, against, claim))))
        if doubt and finding.ruling in {Ruling.SUPPORTED, Ruling.REFUTED}:
            finding = replace(finding, ruling=Ruling.INCONCLUSIVE)
    except NotMeasured as why:
        if why.code.in_the_music:
            reason = IN_SHORT.get(why.code, why.reason)
            because = f"{capitalised(reason)}, so this cannot be tested"
            finding = Finding(ruling=Ruling.NOT_TESTABLE, because=because)
        else:
            because = f"The {in_words(why.measurement.partition('.')[0]).lower()} could not be measured ({why.reason})"
            finding = Finding(ruling=Ruling.INCONCLUSIVE, because=because)
    text = claim.text if against is None else _naming(claim.text, against, song)
    return Verdict.on(claim.name, text, replace(finding, caveats=(*finding.caveats, *noted, *claim.caveats)))


def _naming(text: str, first: SongAnalysis, second: SongAnalysis) -> str:
    return text.replace("{first}", first.source.title).replace("{second}", second.source.title)


def _given(song: SongAnalysis, claim: Claim, need: Need, against: SongAnalysis | None) -> Any:
    """Return what a kind of claim takes: the number that the claim names, a measurement, or the whole song."""
    if need.type is SongAnalysis:
        return song
    if need.type is Reading:
        return _read(song, claim)
    if need.type in PAIRS:
        if claim.against is not None:
            return _compare_sections(song, claim, claim.against)
        if against is None:
            raise NotMeasured(claim.kind.name, Absence.NOT_RUN, "it is about two songs")
        if need.type is SongPair:
            return SongPair(first=against, second=song)
        as_played = _differ_in_mono(against, song)
        first, second = (_read(one, claim, as_played=as_played) for one in (against, song))
        titles = (against.source.title, song.source.title)
        return PairReading(first=first, second=second, difference=subtract(first.found, second.found), titles=titles)
    return song.get(need.type) if need.optional else song[need.type]


def _differ_in_mono(first: SongAnalysis, second: SongAnalysis) -> bool:
    """Tell whether one song is mono and the other is not: side by side, both are heard from two loudspeakers."""
    return (first.source.channels == 1) != (second.source.channels == 1)


def _read(song: SongAnalysis, claim: Claim, *, as_played: bool = False) -> Reading:
    if claim.measure is None:
        raise TypeError(f"{claim.kind.name} takes a number, and none was read from the claims file")
    path = claim.measure.path
    if claim.scope is not None:
        return claim.scope.read(song, claim.measure)
    from riffscope.claims.numbers import read_number

    number = read_number(song, claim.measure)
    if number is not None:
        return Reading(measure=claim.measure, found=number, spelling=song.spelling)
    return Reading(
        measure=claim.measure,
        found=read_as_played(song, path) if as_played else read_measure(song, path),
        where=where_to_listen(song, path),
        certainty=certainty_of(song, path),
        spelling=song.spelling,
    )


def _compare_sections(song: SongAnalysis, claim: Claim, against: Scope) -> PairReading:
    """Set a number of some sections of a song against that of others."""
    if claim.measure is None or claim.scope is None:
        raise TypeError(f"{claim.kind.name} compares sections, and none were read from the claims file")
    first, second = (
        replace(scope.read(song, claim.measure), measure=claim.measure) for scope in (against, claim.scope)
    )
    return PairReading(
        first=first,
        second=second,
        difference=subtract(first.found, second.found),
        titles=(str(against), str(claim.scope)),
    )


def _doubt_of_singer(song: SongAnalysis, claim: Claim) -> tuple[str, ...]:
    """Say how likely it is that somebody sings at all, where a claim is about the voice and this is in doubt.

    Raises
    ------
    NotMeasured
        So little is sung that nothing about the voice should be ruled on.
    """
    outcome = song.outcomes.get("vocal_pitch")
    about_voice = any(_listens_to_voice(song, name) for name in _measurements(song, claim))
    if not isinstance(outcome, Measured) or not about_voice:
        return ()
    pitch = outcome.value
    if pitch.sung_s < MIN_SUNG_S:
        raise NotMeasured(
            "vocal_pitch",
            Absence.TOO_LITTLE,
            f"only {SECONDS.format(pitch.sung_s)} of singing were found (needs {SECONDS.given(MIN_SUNG_S)})",
        )
    return (pitch.doubt,) if pitch.doubt else ()


def _measurements(song: SongAnalysis, claim: Claim) -> Iterator[str]:
    """Give the names of the measurements that a claim rests on."""
    if claim.measure is not None:
        yield from rests_on(song, claim.measure.path)
    yield from (snake_case(need.type.__name__) for need in claim.kind.needs)


def _listens_to_voice(song: SongAnalysis, name: str) -> bool:
    outcome = song.outcomes.get(name)
    return isinstance(outcome, Measured) and isinstance(getattr(outcome.value, "method", None), VocalSource)


def _noted(song: SongAnalysis, claim: Claim) -> Iterator[str]:
    """Say what the measurements behind a claim listened to, and what they had to do without."""
    for name in () if claim.measure is None else rests_on(song, claim.measure.path):
        outcome = song.outcomes.get(name)
        method = getattr(outcome.value, "method", None) if isinstance(outcome, Measured) else None
        if isinstance(method, VocalSource):
            yield f"Measured on {method.in_words}."
    for name in _measurements(song, claim):
        outcome = song.outcomes.get(name)
        if isinstance(outcome, Measured):
            yield from outcome.caveats


def _noted_of_pair(song: SongAnalysis, against: SongAnalysis | None, claim: Claim) -> Iterator[str]:
    """Say which of two songs is louder than its file, being mono."""
    if against is None or claim.measure is None or claim.scope is not None or not _differ_in_mono(against, song):
        return
    for one in (against, song):
        if played_more(one, claim.measure.path):
            yield f"{one.source.title} is mono: its loudness is as two loudspeakers play it."


def _parse(name: str, table: Any, where: str, folder: Path) -> Claim:
    if not isinstance(table, dict):
        raise BadClaim(f"{where}: is not a table with text, kind and parameters")
    tried = _Tried()
    kinds = {step.name: step for step in steps.claims()}
    named = tried(_text, table, "kind", where)
    kind = None if named is None else kinds.get(tried(_known, named, kinds, f"{where}: kind") or "")
    if kind is None:
        tried(_text, table, "text", where)
        raise BadClaim(*tried.problems)
    allowed = {*_COMMON, *kind.options, *parameters_of_measure(kind)}
    if "against" in table and "against" not in allowed:
        both = [step.name for step in kinds.values() if "against" in {*parameters_of_measure(step), *step.options}]
        tried.problems.append(f"{where}: against compares two sections of a song: it goes with {joined(both)}")
    misspelt = [parameter for parameter in table if parameter not in {*allowed, "against"}]
    for parameter in misspelt:
        tried(_known, parameter, allowed, f"{where}: parameter")
    # What is there under a wrong name is not also said to be lacking.
    meant = {_nearest(parameter, allowed) for parameter in misspelt}
    for option, default in kind.options.items():
        if default is Parameter.empty and option not in {*table, *meant}:
            tried.problems.append(f"{where}: {kind.name} needs {option}")
    text = "" if "text" in meant else tried(_text, table, "text", where)
    scope, against = tried(_scope, table, "scope", where), tried(_scope, table, "against", where)
    if against is not None and "scope" not in {*table, *meant}:
        tried.problems.append(f"{where}: against needs scope: the sections that are compared with {against}")
    # Which measures there are depends on whether it is about sections.
    sure = (scope is None) == ("scope" not in table) and not {"measure", "scope"} & meant
    measure = tried(_measure, table, where, scope) if _takes_measure(kind) and sure else None
    options = {}
    for option in [option for option in kind.options if option in table]:
        wanted: Any = kind.function.__annotations__[option]
        if wanted is float and _takes_measure(kind) and option != "percentile":
            # A limit is in the unit of its number.
            wanted = None if measure is None else Annotated[float, measure.unit]
        if wanted is Reference:
            options[option] = None if measure is None else tried(_reference, table, option, measure, where, folder)
        elif wanted is not None:
            options[option] = tried(_option, table[option], wanted, option, where)
    caveats = tried(_caveats, table, where)
    if tried.problems or text is None or caveats is None:
        raise BadClaim(*dict.fromkeys(tried.problems))
    return Claim(
        name=name,
        text=text,
        kind=kind,
        measure=measure,
        options=options,
        caveats=caveats,
        scope=scope,
        against=against,
    )


class _Tried:
    """What is wrong so far: reading goes on, so that all of it can be said at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def __call__(self, read: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
        """Return what is read; None where something is wrong with it, which is noted."""
        try:
            return read(*args, **options)
        except BadClaim as why:
            self.problems += why.problems
            return None


def _reference(table: Mapping[str, Any], option: str, measure: Measure, where: str, folder: Path) -> Reference:
    """Find a published reference by its name, or the one for the measure in a file of the user's own."""
    called = _text(table, option, where)
    path = measure.path
    known = references.read(folder / called) if called.endswith(".toml") else references.published()
    if called.endswith(".toml"):
        fitting = [reference for reference in known.values() if path in reference.measures]
    else:
        fitting = [known[_known(called, known, f"{where}: {option}")]]
    if not fitting or path not in fitting[0].measures:
        about = sorted({measured for reference in fitting or known.values() for measured in reference.measures})
        raise BadClaim(f"{where}: {called} is about {' and '.join(about)}, not {path}")
    try:
        fitting[0].quantile(_option(table.get("percentile", 50.0), float, "percentile", where))
    except ValueError as why:
        raise BadClaim(f"{where}: percentile: {why}") from why
    return fitting[0]


def _takes_measure(kind: Step) -> bool:
    return any(need.type in NUMBERS for need in kind.needs)


def parameters_of_measure(kind: Step) -> tuple[str, ...]:
    """Return what a kind takes that is about a number: which, in which sections, and against which others."""
    if not _takes_measure(kind):
        return ()
    return (
        ("measure", "scope", "against") if PairReading in {need.type for need in kind.needs} else ("measure", "scope")
    )


def _measure(table: Mapping[str, Any], where: str, scope: Scope | None) -> Measure:
    named, of_sections = _text(table, "measure", where), measures_of_sections()
    of_songs = {measure.path: measure for measure in (*all_measures(), *claimed_measures())}
    measures = of_songs if scope is None else of_sections
    if scope is None and named in of_sections and named not in measures:
        raise BadClaim(f'{where}: measure {named!r} is that of a section: say which, as in scope = "chorus"')
    what = "measure" if scope is None else "measure of a section"
    return measures[_known(named, measures, f"{where}: {what}")]


def _scope(table: Mapping[str, Any], key: str, where: str) -> Scope | None:
    if key not in table:
        return None
    try:
        return parse_scope(_text(table, key, where))
    except ValueError as why:
        raise BadClaim(f"{where}: {key}: {why}") from why


def _known(name: str, names: Iterable[str], what: str) -> str:
    if name not in names:
        raise BadClaim(
            f"{what} {shorten(name, MAX_LETTERS)!r} does not exist (the nearest is {_nearest(name, names)!r})"
        )
    return name


def _nearest(name: str, names: Iterable[str]) -> str:
    (near,) = difflib.get_close_matches(name[:MAX_LETTERS], list(names), n=1, cutoff=0.0)
    return near


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        raise BadClaim(f"{where}: needs {key}, in quotes")
    return found


def _option(found: Any, wanted: Any, option: str, where: str) -> Any:
    if type(None) in get_args(wanted):
        (wanted,) = (kind for kind in get_args(wanted) if kind is not type(None))
    if wanted is Scope:
        return _scope({option: found}, option, where)
    from riffscope.claims.options import OPTION_TYPES

    if wanted in OPTION_TYPES:
        try:
            return OPTION_TYPES[wanted].read(found)
        except ValueError as why:
            raise BadClaim(f"{where}: {option}: {why}") from why
    if get_origin(wanted) is Literal:
        return _known(_text({option: found}, option, where), get_args(wanted), f"{where}: {option}")
    if get_origin(wanted) is Annotated:
        wanted, unit = get_args(wanted)
        if unit.symbol == "%":
            return _share(found, unit, option, where)
    if wanted is float and _is_number(found):
        return float(found)
    if wanted is str and isinstance(found, str):
        return found
    raise BadClaim(f"{where}: {option} is {'a number' if wanted is float else 'a text'}, not {_shown(found)}")


def _share(found: Any, unit: Unit, option: str, where: str) -> float:
    """Read a number that people are shown in percent: ``"80%"``, or as it is stored, which for a share is 0.8."""
    stored_as_share = unit.scale > 1
    if isinstance(found, str) and (percent := _PERCENT.fullmatch(found)):
        if abs(float(percent[1])) > unit.scale and stored_as_share:
            raise BadClaim(f"{where}: {option} is a share of at most 100%, not {found}")
        return float(percent[1]) / unit.scale
    if not _is_number(found):
        such = 'a share, such as "80%" or 0.8' if stored_as_share else 'in percent, such as "2%" or 2'
        raise BadClaim(f"{where}: {option} is {such}, not {_shown(found)}")
    if abs(found) > 1 and stored_as_share:
        raise BadClaim(
            f'{where}: {option} is a share from 0 to 1: write "80%" or 0.8 for 80 percent, not {_shown(found)}'
        )
    return float(found)


def _is_number(found: Any) -> bool:
    return isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) <= sys.float_info.max


def _shown(found: Any) -> str:
    return shorten(repr(found), MAX_LETTERS)


def _caveats(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    found = table.get("caveats", [])
    if not isinstance(found, list) or not all(isinstance(caveat, str) for caveat in found):
        raise BadClaim(f"{where}: caveats is a list of sentences")
    return tuple(found)
