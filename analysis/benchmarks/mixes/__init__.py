"""Songs drawn at random from a seed, of which everything is known.

The backing is written here and played by fluidsynth with the sound font FluidR3_GM (MIT). The singing is made of
syllables of real solo voices, resynthesised by WORLD on a composed melody, so the true pitch contour is the one that
the synthesiser was given. Song i of a seed is the same whatever else is rendered: its attributes are dealt from
shuffled decks, so that 22 songs in a row hold every kind in about its intended share, and the rest is drawn freely.

From the draw to the files: `draw` (what kind of song) -> `composing` (what is played) -> `soundfont` and `singing` (how
it sounds) -> `mixing` (levels, room, loudness) -> `truth` and `manifest` (what is known of it).

    python -m benchmarks.mixes --out FOLDER --voices FOLDER --count 44 --seed 7
"""
