"""What a later release brings: an app, known under `tests.tenants.later.settings` alone."""
