"""Array maths of tonality: notes under their overtones, chords of bars, keys and where they change."""
