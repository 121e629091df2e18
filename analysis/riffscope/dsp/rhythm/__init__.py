"""Array maths of rhythm: features for beat tracking, paths of beats and bars, metrical levels, tempo."""
