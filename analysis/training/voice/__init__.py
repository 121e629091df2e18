"""Telling singing, how far a singer's range is known, and when there is more than one voice."""
