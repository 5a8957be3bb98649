"""What stops a start before settings exist; importing this reads nothing of the environment."""


class ConfigError(Exception):
    """A value of the environment can't be used; the message is one sentence."""
