"""Links that lead away from the governments' sites, and the page that asks first."""
