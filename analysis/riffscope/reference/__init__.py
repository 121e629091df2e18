"""References: distributions of a measure over other songs, published ones and those of the user's own library."""
