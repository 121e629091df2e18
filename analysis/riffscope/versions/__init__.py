"""Version identification: whether two songs are the same piece, by their sung melodies, or by chroma."""
