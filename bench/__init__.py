"""Measurements against a baseline that runs in the same call: `python -m bench [NAME…]`."""
