"""Whether a song pumps, and how deep: `riffscope.analyzers.density`."""
