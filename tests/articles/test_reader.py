"""What sentences about a song state, and what they do not."""

import pytest

from riffscope.articles.article import Paragraph, Text
from riffscope.articles.reader import read


def text_of(*paragraphs):
    at, found = 0, []
    for paragraph in paragraphs:
        found.append(Paragraph(start=at, end=at + len(paragraph)))
        at += len(paragraph) + 2
    return Text(text="\n\n".join(paragraphs), paragraphs=tuple(found))


def stated(*paragraphs, title=None):
    """What paragraphs state: topic, relation and all else that is not empty."""
    article = read(text_of(*paragraphs), title=title)
    return [
        tuple(
            part for part in (one.about, one.relation, one.value, one.high, one.scope, one.against) if part is not None
        )
        for sentence in article.sentences
        for one in sentence.readings
    ]


@pytest.mark.parametrize(
    ("sentence", "statements"),
    [
        ("It runs at about 100 BPM.", [("tempo", "about", 100)]),
        ("The pulse never gets past 90 BPM.", [("tempo", "at_most", 90)]),
        ("It moves somewhere between 70 and 74 BPM.", [("tempo", "between", 70, 74)]),
        ("It is fast.", [("tempo", "high")]),
        ("It is not fast.", [("tempo", "low")]),
        ("The tempo never changes.", [("steadiness", "high")]),
        ("It is a waltz.", [("meter", "is", "3/4")]),
        ("The beat is swung.", [("swing", "present")]),
        ("It is in E-flat major.", [("key", "is", "Eb major")]),
        ("There is no key change.", [("key_change", "absent")]),
        ("It lasts three minutes and 24 seconds.", [("duration", "is", 204)]),
        ("It lasts at least four minutes.", [("duration", "at_least", 240)]),
        ("It never gets loud.", [("loudness", "low")]),
        ("It comes in at minus nine LUFS.", [("loudness", "is", -9)]),
        ("The mix is squashed flat.", [("dynamics", "low")]),
        ("The bass is huge.", [("bass", "high")]),
        ("The mix is dark.", [("brightness", "low")]),
        ("The arrangement is sparse.", [("density", "low")]),
        ("The drums are busy.", [("onsets", "high")]),
        ("Nothing is side-chained.", [("pumping", "absent")]),
        ("The mix is in mono.", [("stereo_width", "low")]),
        ("There are no vocals at all.", [("singing", "absent")]),
        ("The vocal range is small.", [("vocal_range", "low")]),
        ("The vocal spans from E3 to C♯5.", [("vocal_span", "is", "E3", "C#5")]),
        ("She never goes below A3.", [("vocal_lowest", "at_least", "A3")]),
        ("She goes no higher than B4.", [("vocal_highest", "at_most", "B4")]),
        ("The melody moves by step.", [("steps", "high")]),
        ("Her voice is breathy.", [("breathiness", "high")]),
        ("There is no reverb on the voice.", [("dryness", "high")]),
        ("Her voice is right at your ear.", [("closeness", "high")]),
        ("There are no harmonies.", [("layers", "absent")]),
        ("Backing singers fill the gaps between her lines.", [("layers", "present"), ("gap_fill", "present")]),
        ("The riff runs throughout.", [("riff", "throughout")]),
        ("The riff is two bars long.", [("riff_length", "is", 2)]),
        ("The chords are C, G, Am and F.", [("chords", "is", ("C", "G", "Am", "F"))]),
        ("It has only four chords.", [("chord_count", "is", 4)]),
        ("The verse and the chorus share the same chords.", [("same_chords", "present", "verse", "chorus")]),
        ("Form: verse, chorus, verse, chorus.", [("form", "is", ("verse", "chorus", "verse", "chorus"))]),
        ("It has no bridge.", [("section", "absent", "bridge")]),
        ("The drums come in at 0:39.", [("starts", "is", 39, "drums")]),
        ("The intro is eight bars long.", [("section_length", "is", 8, "intro")]),
        ("It ends with a fade-out.", [("fade_out", "present")]),
        ("It has the melody of “Paper Harbour”.", [("same_melody", "present", "Paper Harbour")]),
    ],
)
def test_each_topic_is_read(sentence, statements):
    assert stated(sentence) == statements


@pytest.mark.parametrize(
    ("sentence", "statements"),
    [
        ("The chorus is louder than the verse.", [("loudness", "more", "chorus", "verse")]),
        ("The last chorus is softer than the first.", [("loudness", "less", "last chorus", "chorus 1")]),
        ("It is quieter than “Paper Harbour”.", [("loudness", "less", "Paper Harbour")]),
        ("It is not as loud as “Paper Harbour”.", [("loudness", "less", "Paper Harbour")]),
        ("It is sparser than the demo.", [("density", "less", "the demo")]),
        ("It is quieter than most.", [("loudness", "low")]),
        (
            "Set beside “Paper Harbour”, it is slower and darker.",
            [("tempo", "less", "Paper Harbour"), ("brightness", "less", "Paper Harbour")],
        ),
        (
            "Unlike “Paper Harbour”, which has a huge bass, it is quiet.",
            [("bass", "less", "Paper Harbour"), ("loudness", "low")],
        ),
        ("It is longer than my patience.", []),
    ],
)
def test_comparisons_name_what_they_compare_with(sentence, statements):
    assert stated(sentence) == statements


@pytest.mark.parametrize(
    ("sentence", "scopes"),
    [
        ("The verses are sparse.", ["verse"]),
        ("In the bridge the arrangement is sparse.", ["bridge"]),
        ("The voice is dry in the second verse.", ["verse 2"]),
        ("The verse is quiet and sparse.", ["verse", "verse"]),
        ("The voice is dry after the second verse.", [None]),
        ("The verses are quiet; the choruses are loud.", ["verse", "chorus"]),
    ],
)
def test_statements_are_about_their_sections(sentence, scopes):
    assert [one.scope for one in read(text_of(sentence)).sentences[0].readings] == scopes


@pytest.mark.parametrize(
    "sentence",
    [
        "Is it loud?",
        "I wish it were slower.",
        "If only it had a bridge.",
        "Most pop songs are loud.",
        "Ballads in 12/8 were everywhere in the fifties.",
        "They plan to keep the set short and the volume low.",
        "The song plays over the closing credits, just after the bridge explodes.",
        "As a rule a chorus lasts eight bars.",
        "On stage they take it much faster.",
        "Her previous single was very fast.",
        "The album lasts 42 minutes.",
        "The video lasts four minutes and ten seconds.",
        "The demo was in D minor.",
        "He has a range of four octaves, or so the press kit claims.",
        "It was the key moment of a long career.",
        "A chorus of disapproval met the decision.",
        "They signed to a major label.",
        "It peaked at number nine.",
        "It rained for two minutes.",
        "Somebody should do a metal cover at 200 BPM.",
        "Got a favourite short song?",
        "Some of you asked whether it swings.",
        "We will also look at a waltz in 3/4.",
    ],
)
def test_what_is_not_said_of_this_song_is_not_read(sentence):
    (found,) = read(text_of(sentence)).sentences
    assert found.readings == ()
    assert found.kind == "other"


@pytest.mark.parametrize(
    "sentence",
    [
        "It was recorded in a stairwell.",
        "It is hauntingly sad.",
        "The guitar is a Telecaster.",
        "It is a folk song with touches of soul.",
    ],
)
def test_what_no_recording_shows_is_not_testable_and_says_what_comes_nearest(sentence):
    (found,) = read(text_of(sentence)).sentences
    assert found.kind == "not_testable"
    assert "can be tested" in found.reason


@pytest.mark.parametrize(
    ("sentence", "statements"),
    [
        ("The drummer waits nearly two minutes before he comes in.", [("starts", "about", 120, "drums")]),
        ("He never leaves a single octave.", [("vocal_range", "low"), ("vocal_range", "at_most", 12)]),
        ("It is in G minor, and flirts with E-flat major.", [("key", "is", "G minor")]),
        ("Neither the tempo nor the key changes.", [("steadiness", "high"), ("key_change", "absent")]),
        ("Side-chaining was not used.", [("pumping", "absent")]),
        ("Her highest note, a B4, is saved for the last chorus.", [("vocal_highest", "is", "B4", "last chorus")]),
        ("There are no vocals in the first thirty seconds.", [("starts", "at_least", 30, "voice")]),
        ("It is twice as fast as “Paper Harbour”.", [("tempo", "more", "Paper Harbour")]),
        ("It is barely audible.", [("loudness", "low")]),
        (
            "It opens with eight bars of solo piano before the drums come in at 0:21.",
            [("starts", "is", 21, "drums")],
        ),
        ("His voice stays below middle C.", [("vocal_highest", "at_most", "C4")]),
        ("Her voice stays above A3.", [("vocal_lowest", "at_least", "A3")]),
        ("Her voice dips below A3.", [("vocal_lowest", "at_most", "A3")]),
        ("Below 100 Hz the mix is mono.", []),
        ("The label wanted minus eight LUFS.", []),
        ("Compared with “Paper Harbour” it sounds dull.", [("brightness", "less", "Paper Harbour")]),
        ("The bridge is quiet next to the chorus.", [("loudness", "less", "bridge", "chorus")]),
        ("It is in seven, at a crawl.", [("meter", "is", "7/8"), ("tempo", "low")]),
        ("It came in three parts.", []),
        (
            "Verse is 16 bars, 2nd verse only 8.",
            [("section_length", "is", 16, "verse"), ("section_length", "is", 8, "verse 2")],
        ),
        ("There is a tambourine in the chorus.", []),
        ("It goes round the same four chords.", [("chord_count", "is", 4)]),
        ("There are no doubles and no harmonies.", [("layers", "absent")]),
        ("It ends without so much as a modulation.", [("key_change", "absent")]),
        ("It begins in G major and ends in A major.", [("key_change", "present")]),
        ("The loop, some six seconds long, is all there is.", [("riff_length", "about", 6)]),
        ("It goes its own way and stays quiet.", [("loudness", "low")]),
        ("She has a four-octave range.", []),
        ("BPM 140, key A minor.", [("tempo", "is", 140), ("key", "is", "A minor")]),
        ("You would struggle to find more than two chords.", [("chord_count", "at_most", 2)]),
        ("A cello doubles the melody.", []),
        ("There is no difference between soft and loud.", [("dynamics", "low")]),
        ("There is nothing but a piano.", [("density", "low")]),
        ("For the first minute there is nothing but a piano.", []),
        ("There is a modulation to A minor.", [("key_change", "present")]),
        ("The chorus adds a D major.", []),
    ],
)
def test_sentences_that_were_once_misread(sentence, statements):
    assert stated(sentence) == statements


def test_what_is_said_by_the_song_s_own_title_is_said_of_it():
    assert stated("“Salt Harbour” is a song by Ann Ferry.", "“Salt Harbour” is loud.") == [("loudness", "high")]
    assert stated("Salt Harbour is loud.", title="Salt Harbour") == [("loudness", "high")]
    assert stated("Ann Ferry – “Salt Harbour” (Quay Records)", "“Salt Harbour” is loud.") == [("loudness", "high")]


@pytest.mark.parametrize(
    ("sentence", "statements"),
    [
        ("“Paper Boat” is loud.", []),
        ("“Paper Boat”, on the other hand, runs at 120 BPM.", []),
        ("On “Paper Boat” the voice is breathy.", []),
        ("“Paper Boat” is fast, but this is slow.", [("tempo", "low")]),
        ("“Paper Boat” is louder than “Salt Harbour”.", [("loudness", "less", "Paper Boat")]),
        ("“Salt Harbour” is louder than “Paper Boat”.", [("loudness", "more", "Paper Boat")]),
    ],
)
def test_what_is_said_of_another_song_is_not_said_of_it(sentence, statements):
    assert stated("“Salt Harbour” came first.", sentence, title="Salt Harbour (Remastered)") == statements
    assert stated("Ann Ferry – “Salt Harbour” (Quay Records)", "“Salt Harbour” is hers.", sentence) == statements


def test_it_is_the_section_or_the_other_song_of_the_sentence_before():
    assert stated("The bridge is a surprise. It is in 3/4.") == []
    assert stated("The bridge is a surprise. The song is in 4/4.") == [("meter", "is", "4/4")]
    assert stated("The bridge is a surprise.", "It is in 4/4.") == [("meter", "is", "4/4")]
    assert stated(
        "“Paper Boat” was a hit. It is fast. It is loud.", "“Salt Harbour” is slow.", title="Salt Harbour"
    ) == [("tempo", "low")]


def test_going_the_opposite_way_turns_round_what_was_said_of_songs_at_large():
    assert stated("Pop music that year was getting really loud.", "This one went the opposite way.") == [
        ("loudness", "low")
    ]


def test_sentences_stand_where_they_are_in_the_text():
    text = text_of("- It is loud. It is in 3/4.", "Nothing.")
    for one in read(text).sentences:
        assert text.text[one.start : one.end] == one.text
    assert [one.text for one in read(text).sentences] == ["It is loud.", "It is in 3/4.", "Nothing."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It runs at 92 b.p.m. and ends.", 1),
        ("She starts on A. Then it ends.", 2),
        ("He said “No!” and left.", 1),
        ("Dr. Hook sang it. Twice.", 2),
        ("Why? Because.", 2),
        ("Well ... it ends", 1),
    ],
)
def test_sentences_end_where_they_end(text, sentences):
    assert len(read(text_of(text)).sentences) == sentences
