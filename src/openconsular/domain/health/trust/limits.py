"""How much of a list is read. Each is several times the largest list seen (WHO development root 2025: 1.6 MB, 700 keys)."""

LIST_BYTES_MOST = 32 * 1024 * 1024
ENTRIES_MOST = 20_000
CERTIFICATE_BYTES_MOST = 16 * 1024
CRL_BYTES_MOST = 2 * 1024 * 1024  # of 20,000 entries; authorities of countries have a handful
CHAIN_MOST = 4
CMS_BYTES_MOST = 256 * 1024  # a batch of 1,000 revocations has some 60 KB
TEXT_MOST = 512
KEY_ID_BYTES_MOST = 32
PROBLEMS_MOST = ENTRIES_MOST
REFERENCES_MOST = 2_000

RSA_BITS_LEAST, RSA_BITS_MOST = 2048, 4096
AUTHORITY_RSA_BITS_MOST = 8192
EXPONENT_LEAST = 65_537  # BSI TR-02102-1, as the DCC certificate governance (4.1) asks
EXPONENT_BITS_MOST = 64  # a huge exponent makes each verification as slow as the attacker likes
