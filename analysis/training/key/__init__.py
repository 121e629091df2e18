"""How the evidence for a key becomes its probability."""
