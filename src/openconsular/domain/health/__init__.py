"""Health certificates: what they say, whether they can be trusted, and which rules they meet.

Nothing here knows a database, a network or the time of day; lists of keys and revocations are arguments. At the top
stand what every format shares (`certificate`, `verdict`) and the road from a text to a verdict (`formats`, `verify`);
`carriers` find codes in what is handed over, `hcert`, `smart`, `vds_nc` and `divoc` read them, `trust`, `signing` and
`revocation` judge them, `rules` say what they are good for, `records` and `paper` come before and after issuing.
"""
