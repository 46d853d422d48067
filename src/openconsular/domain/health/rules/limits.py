"""The most a rule may ask for. Published rules stay far below: the largest has 67 nodes and nests some 8 deep."""

# Nesting of an expression; deeper ones are written to break readers.
DEPTH_MOST = 64
# Operations, arrays and literals in one expression.
NODES_MOST = 10_000
# Nodes evaluated again by `reduce`, list items searched inside one: some 20 ms of work at the most.
STEPS_MOST = 100_000
# The same for all rules of one certificate together: a list can hold thousands of the most expensive ones.
ALL_STEPS_MOST = 4 * STEPS_MOST
# A data path: characters, and digits of an index within it.
PATH_MOST = 512
INDEX_DIGITS_MOST = 9
# Characters of a date-time; the longest allowed form has any number of decimals.
DATE_TIME_MOST = 64
# Integers stay those every JSON reader keeps exactly (RFC 8259 section 6).
INTEGER_MOST = 2**53 - 1
# A list of rules as JSON text (a hundred published rules have 120 KiB), rules in it, and problems listed for one
# expression.
LIST_BYTES_MOST = 4 * 1024 * 1024
RULES_MOST = 5_000
ISSUES_MOST = 100
# Value sets in a list, codes in a value set (the longest published one has some 2,000).
VALUE_SETS_MOST = 1_000
CODES_MOST = 20_000
