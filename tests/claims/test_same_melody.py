from claim_cases import Example, instrumental
from melodies import OTHER, TUNE, piece, singing
from riffscope.judge import built_in_comparisons, judge_pair
from riffscope.model import Ruling
from songs import example_song

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, against=singing(TUNE), song=singing(TUNE, semitones=-3, beat_s=0.4)),
    Example(ruling=Ruling.REFUTED, against=singing(TUNE), song=singing(OTHER)),
    Example(ruling=Ruling.INCONCLUSIVE, against=singing(TUNE), song=singing([*TUNE[1:11], *OTHER[:6]])),
    # Where nobody sings, by chords and tunes; a round that many songs share is no proof.
    Example(ruling=Ruling.SUPPORTED, against=piece(1), song=piece(1, semitones=2, seed_of_band=4)),
    Example(ruling=Ruling.REFUTED, against=piece(1), song=piece(2, seed_of_band=3)),
    Example(ruling=Ruling.INCONCLUSIVE, against=piece(1, looping=True), song=piece(2, looping=True, seed_of_band=3)),
    Example(ruling=Ruling.NOT_TESTABLE, against=singing(TUNE), song=piece(1, chords=8)),
)


def test_a_song_has_its_own_melody_sung_or_not():
    for song in (example_song(), piece(1)):
        verdicts = {verdict.claim: verdict for verdict in judge_pair(song, song, built_in_comparisons())}
        assert verdicts["same_melody"].ruling is Ruling.SUPPORTED
        assert verdicts["confident"].ruling is Ruling.NOT_TESTABLE
    assert judge_pair(instrumental(), example_song(), built_in_comparisons())
