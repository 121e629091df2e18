"""At which metrical level beats are counted, how likely they are right, and where bars begin."""
