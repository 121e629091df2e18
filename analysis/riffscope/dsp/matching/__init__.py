"""Array maths of alignment: melodies and chroma sequences of two songs."""
