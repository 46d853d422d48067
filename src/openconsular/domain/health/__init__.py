"""Health certificates: what they say, whether they can be trusted, and which rules they meet.

Nothing here knows a database, a network or the time of day; lists of keys and revocations are arguments.
"""
