"""Trust and revocation lists from outside: over HTTP from the addresses an operator configured, or from a folder."""
