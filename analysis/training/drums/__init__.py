"""When drums play: `riffscope.dsp.rhythm.drums`."""
