"""What made the chord network: songs with known chords, training, export, figures."""
