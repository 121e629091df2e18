"""Decoders, each behind the same door: the window on a file in, what was decoded out."""
