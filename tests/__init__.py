"""The tests. A package, so that those within it have one name however they are imported."""
