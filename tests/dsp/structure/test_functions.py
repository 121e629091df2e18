"""Sections as numbers: what they do by what is sung in them, what comes back, and what follows what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riffscope.dsp.structure.functions import FUNCTIONS, WEIGHTS, Parts, function_probabilities

LENGTH_S = 16.0


def parts_of(labels, *, sung, words=None, level=0.0, lengths=None):
    """Sections of a form such as ``A B A``; `sung`: 1 for each that is; equal letters of `words` are equal words."""
    labels = labels.split()
    count = len(labels)
    ends_s = np.cumsum(np.full(count, LENGTH_S) if lengths is None else np.array(lengths))
    again = np.zeros((count, count))
    if words is not None:
        letters = np.array(list(words))
        again = ((letters[:, None] == letters) & (letters != "-")[:, None] & ~np.eye(count, dtype=bool)).astype(float)
    return Parts(
        starts_s=np.concatenate([[0.0], ends_s[:-1]]),
        ends_s=ends_s,
        labels=tuple(labels),
        level=np.zeros(count) + level,
        sung=None if sung is None else 0.8 * np.array([float(each) for each in sung]),
        height=np.full(count, 60.0),
        retold=again.max(axis=1),
        told_again=again,
        certain=float(again.any()),
    )


def names(parts):
    return [FUNCTIONS[best] for best in function_probabilities(parts).argmax(axis=1)]


def test_words_that_come_back_are_the_chorus_though_all_music_is_the_same():
    parts = parts_of("A A A A A A", sung="111111", words="-C-C-C")
    assert names(parts) == ["verse", "chorus"] * 3


def test_a_song_may_begin_with_its_chorus():
    assert names(parts_of("B A B A B", sung="11111", words="C-C-C")) == ["chorus", "verse", "chorus", "verse", "chorus"]


def test_a_verse_that_is_sung_again_is_a_verse_beside_a_chorus_that_comes_back_more_often():
    parts = parts_of("A B A B A B", sung="111111", words="VC-CVC", level=[0, 0.3, 0, 0.3, 0, 0.3])
    assert names(parts) == ["verse", "chorus"] * 3


def test_without_words_the_order_tells():
    parts = parts_of("A A' B A' B A", sung="011110")
    assert names(parts) == ["intro", "verse", "chorus", "verse", "chorus", "outro"]


def test_the_louder_of_two_kinds_of_music_is_the_chorus():
    loud = np.array([0, 0, 0.5, 0, 0.5])
    plain = function_probabilities(parts_of("A B C B C", sung="01111"))
    louder = function_probabilities(parts_of("A B C B C", sung="01111", level=loud))
    assert louder[2, FUNCTIONS.index("chorus")] > plain[2, FUNCTIONS.index("chorus")]


def test_new_music_late_between_choruses_is_the_bridge():
    parts = parts_of("A B A B C B", sung="111111", words="-C-C-C")
    assert names(parts) == ["verse", "chorus", "verse", "chorus", "bridge", "chorus"]


def test_what_is_not_sung_between_is_instrumental():
    parts = parts_of("A B A D A B", sung="111011", words="-C---C")
    assert names(parts)[3] == "instrumental"


def test_there_is_one_bridge_at_most():
    for form in ("A B C D E F G", "A B A C D E A"):
        found = names(parts_of(form, sung="1111111"))
        runs = [name for k, name in enumerate(found) if k == 0 or found[k - 1] != name]
        assert runs.count("bridge") <= 1


def test_music_without_singing_has_an_intro_and_an_outro_at_most():
    found = function_probabilities(parts_of("A B C B D", sung=None, lengths=[6, 20, 20, 20, 8]))
    assert found[0, FUNCTIONS.index("intro")] > 0.5
    assert found[-1, FUNCTIONS.index("outro")] > 0.5
    assert found.sum() == found[0, FUNCTIONS.index("intro")] + found[-1, FUNCTIONS.index("outro")]


def test_what_goes_on_unchanged_is_no_intro():
    assert not function_probabilities(parts_of("A A B A", sung=None, lengths=[6, 20, 20, 20]))[0].any()


def test_one_section_does_nothing():
    assert not function_probabilities(parts_of("A", sung="1")).any()


@settings(deadline=None, max_examples=40)
@given(data=st.data(), count=st.integers(2, 12))
def test_any_song_has_probabilities(data, count):
    labels = " ".join(data.draw(st.lists(st.sampled_from(["A", "A'", "B", "C"]), min_size=count, max_size=count)))
    words = "".join(data.draw(st.lists(st.sampled_from("-CV"), min_size=count, max_size=count)))
    sung = "".join(data.draw(st.lists(st.sampled_from("01"), min_size=count, max_size=count)))
    found = function_probabilities(parts_of(labels, sung=sung, words=words), WEIGHTS)
    assert found.shape == (count, len(FUNCTIONS))
    assert found.min() >= 0
    assert found.sum(axis=1) == pytest.approx(1)
