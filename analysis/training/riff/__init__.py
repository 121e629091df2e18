"""When a loop is a riff, and not the most alike of what does not loop."""
