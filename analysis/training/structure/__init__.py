"""Where sections begin, and which of them are the same music."""
