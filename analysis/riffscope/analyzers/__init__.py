"""One file per measurement: its result type and one function."""
