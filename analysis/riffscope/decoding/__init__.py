"""Decoding: a file's bytes in, its sound out, by libsndfile or FFmpeg behind one signature.

Imports run one way: `window` (the bytes that others may read) before `containers` (what a file is and claims), `sound`
(what was decoded, within limits) and `tags`, and these before the decoders, `libsndfile` and `ffmpeg`. The decoders do
not know each other; `riffscope.load` chooses between them.
"""
