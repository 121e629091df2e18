"""Are two songs versions of one piece? By melody, or by harmony where nobody sings."""
