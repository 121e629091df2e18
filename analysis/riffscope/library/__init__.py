"""A library of songs: measured once, kept in a folder or under an address, and asked as often as one likes."""
