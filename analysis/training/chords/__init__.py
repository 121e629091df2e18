"""Makes songs with known chords, and fits what names chords in songs."""
