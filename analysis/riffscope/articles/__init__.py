"""Articles: from a text about a song to statements that can be tested, sentence by sentence."""
