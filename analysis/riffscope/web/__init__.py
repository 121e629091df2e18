"""The local page: a server on this machine alone, for people who do not type commands."""
