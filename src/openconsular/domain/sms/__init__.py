"""Short messages as octets: alphabets, parts, and the protocol in which they are handed to an operator."""
