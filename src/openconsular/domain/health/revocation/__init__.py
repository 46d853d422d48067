"""Which certificates were taken back: what names them, the lists that do, and looking them up.

`identify` gives the names of a certificate, `hash_set`, `bloom` and `var_hash` hold many of them, `slices` is how
lists travel, `smart_lists` the same for SMART Health Cards, and `model` what a verifier asks.
"""
