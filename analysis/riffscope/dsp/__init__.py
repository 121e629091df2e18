"""Array maths with no model types: shapes and units are in the docstrings."""
