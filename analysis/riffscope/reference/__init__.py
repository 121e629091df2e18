"""How a number lies among those of other songs: published distributions, and those of the user's own library."""
