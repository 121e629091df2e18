"""Fits what the reader of articles weighs."""
