"""Array maths of repetition: self-similarity, loops and their sound."""
