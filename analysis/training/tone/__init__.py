"""What tells a breathy voice, a dry one and one in front."""
