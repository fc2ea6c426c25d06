"""The script and the style sheet: one table of cases for both sides, node's own tests, the linters."""
