"""Citizens' pages. All of them work without scripts."""
