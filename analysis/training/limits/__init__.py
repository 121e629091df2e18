"""The limits of what is called high and low, where nobody published any."""
