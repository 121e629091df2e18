"""Where the content of a file ends, if nothing but zeros follows: what a download leaves that was never finished."""

from riffscope.decoding.window import Window

# Containers in which so many zeros in a row are no sound: FFmpeg would gather them in memory, looking for a frame.
FRAMED = {"flac", "mp3", "aac", "ogg", "matroska"}
# Fewer do no harm.
MANY_BYTES = 1 << 20


def without_zeros_behind(window: Window, container: str) -> int:
    """Return how many bytes of a window there are without the zeros at its end, where there are very many."""
    end = window.size_bytes
    if container not in FRAMED:
        return end
    place, kept = window.tell(), end
    while kept > 0:
        start = max(kept - MANY_BYTES, 0)
        window.seek(start)
        content = window.read(kept - start).rstrip(b"\0")
        kept = start + len(content)
        if content or end - kept < MANY_BYTES:
            break
    window.seek(place)
    return kept if end - kept >= MANY_BYTES else end
