"""Array maths of alignment: the melodies, or the chroma sequences, of two songs, for version identification."""
