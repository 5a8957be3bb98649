"""A site seen as a citizen sees it, and judged by the rules for pages of government websites."""
