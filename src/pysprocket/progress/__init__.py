"""Events to the terminal."""
