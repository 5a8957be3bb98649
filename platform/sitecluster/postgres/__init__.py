"""The database server: the embedded PostgreSQL, and what a given server must offer."""
