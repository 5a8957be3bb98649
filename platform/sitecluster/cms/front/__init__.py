"""The front page: its sections, what they show, and the look it gives the whole site."""
