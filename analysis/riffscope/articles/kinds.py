"""Kinds of sentences that state nothing testable: about the sound of the song, or about something else.

A sentence is held against lists of words (``[sound]`` and ``[elsewhere]`` of the grammar); how much a word of each list
weighs, and some words of their own, is fitted by `training.articles.kinds`. Source: own; logistic regression.
"""

import functools
import math
import re
from collections.abc import Mapping
from typing import Literal

from riffscope.articles.frames import Frames
from riffscope.articles.vocabulary import Weights, grammar

# Beyond so many words of one list, a further one says nothing new.
MOST_WORDS = 2
# From this probability on a judgement is not read: of those that are dropped then, half were wrong. Chosen.
SURELY_ELSEWHERE = 0.6


@functools.cache
def _lists() -> dict[str, re.Pattern[str]]:
    found = {}
    for name, words in {**grammar().sound, **grammar().elsewhere}.items():
        ordered = sorted(words, key=len, reverse=True)
        found[name] = re.compile(rf" (?:{'|'.join(map(re.escape, ordered))})(?= )")
    return found


def features(text: str, frames: Frames) -> dict[str, float]:
    """Count what tells the kind of a rewritten sentence."""
    found = {name: float(min(MOST_WORDS, len(pattern.findall(text)))) for name, pattern in _lists().items()}
    found["section"] = float(bool(re.search(r" #sections?\d", text)))
    found["title"] = float(" #title" in text)
    found["number"] = float(bool(re.search(r" #(?:number|fraction|percent)\d", text)))
    found["notation"] = float(
        bool(re.search(r" #(?:key|note|notes|bpm|meter|chords|bars|modal|interval|semitones|mode|lufs|db)\d", text))
    )
    found["asks"] = float(frames.asks)
    found["framed"] = float(frames.silent and not frames.asks)
    found["practice"] = float(frames.practice)
    found["about_it_first"] = float(
        bool(
            re.match(
                r" (?:and |but |so |yet )?(?:it|this|this one|the (?:song|track|record|whole thing|production|mix"
                r"|arrangement|thing|chorus|verse)|#sections?\d+|the #sections?\d+)(?= )",
                text,
            )
        )
    )
    found["person_first"] = float(bool(re.match(r" (?:and |but |so |then )?(?:he|she|they|i|we|you)(?= )", text)))
    found["short"] = float(len(text.split()) < 6)
    return found


def speaks_of_something_else(text: str, frames: Frames) -> bool:
    """Tell whether a rewritten sentence is so likely about something else that a judgement in it is not meant so.

    Of sentences with a judgement, those that are really about the song are seldom so unlike others that are.
    """
    counts = features(text, frames)
    named = any(counts[name] for name in grammar().elsewhere)
    return named and _probability(text, counts, grammar().about_else) >= SURELY_ELSEWHERE


def words_of(text: str) -> frozenset[str]:
    """Return the words of a rewritten sentence, without signs and marks."""
    return frozenset(re.findall(r"(?<= )[a-z'&]+(?= )", text))


def _probability(text: str, counts: Mapping[str, float], weights: Weights) -> float:
    score = weights.bias + sum(weights.counts.get(name, 0.0) * number for name, number in counts.items())
    score += sum(weights.words.get(word, 0.0) for word in words_of(text))
    return 1 / (1 + math.exp(-score))


def kind_without_statements(text: str, frames: Frames) -> Literal["not_testable", "other"]:
    """Say whether a sentence that states nothing testable is about the sound of the song."""
    if frames.silent:
        return "other"
    counts = features(text, frames)
    of_sound = counts["section"] or counts["notation"] or any(counts[name] for name in grammar().sound)
    return "not_testable" if of_sound and _probability(text, counts, grammar().about_sound) >= 0.5 else "other"


def reason_why_not(text: str) -> str:
    """Say why what a rewritten sentence says of the sound cannot be tested, and what comes nearest that can."""
    reasons = grammar().reasons
    if " #modal" in text:
        return reasons["modal"]
    found = {name: len(_lists()[name].findall(text)) for name in reasons if name in _lists()}
    best = max(found, key=lambda name: found[name])
    if found[best]:
        return reasons[best]
    return reasons["section" if re.search(r" #sections?\d", text) else "other"]
