"""Array maths of structure: segmentation into sections, and their labels."""
