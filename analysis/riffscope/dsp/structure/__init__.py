"""Array maths of structure: section boundaries and labels."""
