"""What survives when processes, the database and the gateways fail in the middle of a warning.

`python -m tests.faults --help` runs the kills in full; the suite runs a few of them. See docs/explanation/faults.md.
"""
