"""One file per shared picture of the sound, made once per song when a step asks for it."""
