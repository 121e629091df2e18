"""``python -m riffscope``."""

from riffscope.cli import run

run()
