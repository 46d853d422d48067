"""Common Alerting Protocol: what an issuer wrote, as frozen dataclasses, and what can be said about it for certain.

Source: OASIS CAP 1.2 (2010-07-01). Nothing here knows a network, a clock or a database.
"""
