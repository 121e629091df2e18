"""Array maths of the voice: vocal separation, centre extraction, pitch paths, voicing cues, note segmentation."""
