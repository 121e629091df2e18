"""The song, or a section, is in a key."""

from riffscope.analyzers.key import KeyName
from riffscope.claims.keys import HeardKey, heard_key
from riffscope.claims.options import parallel_key, relative_key, same_key
from riffscope.claims.reading import in_doubt
from riffscope.claims.rounds import ruled_by
from riffscope.claims.scope import Scope
from riffscope.measures import capitalised
from riffscope.model import Finding, Ruling
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import clock

# A claim that names the key of another part of the song is true there: even odds.
ELSEWHERE = 0.5


@claim
def key_is(song: SongAnalysis, *, key: KeyName, scope: Scope | None = None) -> Finding:
    """Ask whether the song, or some of its sections, is in a key.

    If the key changes, the one that lasts longest counts. The relative key has the same notes and is the commonest
    error: a claim that names it is refuted only if the key is very sure.
    """
    heard = heard_key(song, scope)
    where = capitalised(str(scope)) if scope else "The song"
    parts = [part for part in heard.others if same_key(KeyName(tonic=part.tonic, mode=part.mode), key)]
    probability = max(heard.probability_of(key), ELSEWHERE if parts else 0.0)
    ruling = ruled_by(probability)
    says = "" if same_key(heard.name, key) else f"; the claim says {key.in_words}"
    found = Finding(
        ruling=ruling,
        because=f"{where} is in {heard.in_words}{says}",
        probability=probability,
        evidence=(heard.evidence("Key" if scope is None else f"Key of {scope}"),),
        caveats=(
            *(f"It is in {key.in_words} from {clock(part.start_s)} to {clock(part.end_s)}." for part in parts[:1]),
            *(_kinship(heard, key) if ruling is not Ruling.SUPPORTED and not parts else ()),
        ),
    )
    return in_doubt(found, heard.certainty)


def _kinship(heard: HeardKey, key: KeyName) -> tuple[str, ...]:
    """Say what the two keys have in common, where they are easily taken for each other."""
    if same_key(relative_key(heard.name), key):
        return (f"{key.in_words} is the relative key of {heard}, with the same notes.",)
    if same_key(parallel_key(heard.name), key):
        return (f"{key.in_words} has the same tonic as {heard} in the other mode.",)
    return ()
