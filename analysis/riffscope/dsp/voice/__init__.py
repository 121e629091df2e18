"""Array maths of the voice: separation, centre extraction, pitch paths, singing, notes."""
