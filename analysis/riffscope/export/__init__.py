"""One file per format that other programs open: a function that says by its parameter types what it needs."""
