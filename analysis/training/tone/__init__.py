"""How far a voice's breathiness, dryness and forwardness are known."""
