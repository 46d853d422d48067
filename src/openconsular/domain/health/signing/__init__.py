"""Signatures, made and checked, and the certificates of the keys that make them."""
