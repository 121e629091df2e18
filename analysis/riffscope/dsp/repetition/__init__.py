"""Array maths of repetition: self-similarity, loops, their passes and their sound."""
