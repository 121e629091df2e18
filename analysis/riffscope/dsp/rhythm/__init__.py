"""Array maths of rhythm: beat features, beat and bar paths, metrical levels, tempo."""
