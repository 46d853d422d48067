"""Whose keys are believed: lists of signing keys, read, checked and looked up.

`model` holds the keys and the store a verifier asks; the readers turn published lists into it.
"""
