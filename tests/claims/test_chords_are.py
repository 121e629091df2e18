import re

import pytest

from claim_cases import Example, broken, changed, in_order, ruled
from harmonies import AXIS, harmonised, without_chords
from riffscope.analyzers.key import Key
from riffscope.errors import BadClaim
from riffscope.judge import parse_claims
from riffscope.model import Ruling

LOOP = 'chords = ["F#m7", "D", "A", "E"]'
SONG = harmonised(verse=AXIS, chorus=AXIS, bridge="Bm E")
UNSURE = harmonised(0.55, verse=AXIS, chorus=AXIS, bridge="Bm E")
IN_VERSE = f'{LOOP}\nscope = "verse"'

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=LOOP, song=SONG),
    Example(ruling=Ruling.SUPPORTED, parameters='chords = "D A E F#m"', song=SONG),
    Example(ruling=Ruling.SUPPORTED, parameters=IN_VERSE, song=harmonised(verse=AXIS, chorus="D E")),
    Example(ruling=Ruling.REFUTED, parameters=LOOP, song=harmonised(verse="F#m D A E", chorus="Bm C#m G#m F")),
    Example(ruling=Ruling.REFUTED, parameters=IN_VERSE, song=harmonised(verse="D E", chorus=AXIS)),
    # The order counts.
    Example(ruling=Ruling.REFUTED, parameters='chords = "F#m A D E"', song=SONG),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=LOOP, song=UNSURE),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=IN_VERSE, song=harmonised(chorus=AXIS)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=LOOP, song=broken("chords")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=LOOP, song=without_chords()),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=f'{LOOP}\nscope = "solo"', song=SONG),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=LOOP, song=harmonised()),
)


def about(parameters, song=SONG):
    return ruled(song, f'[it]\ntext = "it is so"\nkind = "chords_are"\n{parameters}\n')


def sure_of_key(tonic="F#", mode="minor"):
    return changed(SONG, Key, tonic=tonic, mode=mode, confidence_fraction=0.95)


def test_the_answer_names_the_chords_and_their_degrees_in_the_key():
    assert about(IN_VERSE).because == "The verse repeats F♯m D A E (i VI III VII)"
    assert in_order(about('chords = "C G"').because, "mostly", "F♯m D A E (i VI III VII)", "the claim says C G")


@pytest.mark.parametrize("degrees", ['["i", "VI", "III", "VII"]', '["vi", "IV", "I", "V"]', '"vi-IV-I-V"'])
def test_degrees_are_read_in_the_key_or_its_relative(degrees):
    assert about(f"chords = {degrees}", sure_of_key()).ruling is Ruling.SUPPORTED
    assert about(f"chords = {degrees}", sure_of_key("A", "major")).ruling is Ruling.SUPPORTED
    assert about(f"chords = {degrees}", sure_of_key("C", "major")).ruling is Ruling.REFUTED


def test_degrees_in_a_doubtful_key_are_inconclusive():
    doubtful = changed(SONG, Key, confidence_fraction=0.5)
    assert about('chords = "i VI III VII"', doubtful).ruling is Ruling.INCONCLUSIVE


def test_where_only_the_beginning_of_the_round_differs_it_says_so():
    assert about(LOOP).caveats == ()
    (caveat,) = about('chords = "A E F#m D"').caveats
    assert in_order(caveat, "order is the same", "starts on F♯m")


def test_a_round_may_be_named_twice_over():
    assert about('chords = "F#m D A E F#m D A E"').ruling is Ruling.SUPPORTED


def test_more_doubtful_chords_make_the_claim_less_probable():
    rising = [about(LOOP, harmonised(p, verse=AXIS, chorus=AXIS)).probability for p in (0.4, 0.6, 0.8, 0.95)]
    assert rising == sorted(rising)
    assert 0.2 < rising[0] < 0.8 < rising[-1]


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ('chords = ["F#m", "X"]', "'X' is not a chord"),
        ('chords = ["i", "C"]', "not both"),
        ("chords = []", "names no chord"),
        ("chords = 4", "a list of chords"),
        ("", "needs chords"),
        (f'{LOOP}\nscope = "chrous"', "nearest is 'chorus'"),
    ],
)
def test_what_cannot_be_read_is_refused_before_any_song(parameters, complaint):
    with pytest.raises(BadClaim, match=complaint):
        parse_claims(f'[it]\ntext = "it is so"\nkind = "chords_are"\n{parameters}\n', name="mine.toml")


def test_what_is_inconclusive_says_whether_other_chords_or_doubt_stand_against_it():
    assert about(LOOP, UNSURE).because.endswith("uncertain")
    assert about('chords = "C G"', UNSURE).because.endswith("the claim says C G")


def test_chords_that_go_round_in_too_little_of_the_song_are_not_said_to_be_others():
    because = about(f"{LOOP}\nshare = 0.9", harmonised(verse="D E", chorus=AXIS)).because
    assert re.search(r"F♯m D A E .* in \d\d% of its length \(needs 90%\)", because)
