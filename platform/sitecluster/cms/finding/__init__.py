"""How content is found: search, maps for people and for search engines, robots.txt, feeds."""
