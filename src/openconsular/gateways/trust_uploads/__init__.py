"""Signers' certificates to the trust network: over its interface with a client certificate, or as files to carry there."""
