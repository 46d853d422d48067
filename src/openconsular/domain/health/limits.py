"""Every cap on what is read from outside, in one place. A reader that meets one refuses; nothing is cut short."""

# A QR code in alphanumeric mode holds 4,296 characters (ISO/IEC 18004, version 40-L); files may carry longer texts.
TEXT_MOST = 16 * 1024
# Deflate makes up to 1,032 bytes of one; the largest certificate seen inflates to 1.3 KiB.
INFLATED_MOST = 64 * 1024
# A claim of a test result is five containers deep.
DEPTH_MOST = 16
# Values in one payload, and members of one map or list.
ITEMS_MOST = 4096
# HCERT section 3.3.1: the first eight bytes of the SHA-256 of the signer's certificate.
KEY_ID_BYTES = 8
# A protected header holds an algorithm, a key identifier and little else.
PROTECTED_MOST = 512
# RSA of 4096 bits; an ECDSA signature with P-521 has 132 bytes.
SIGNATURE_MOST = 512
# 9999-12-31T23:59:59Z: an instant later than this is milliseconds or nonsense.
INSTANT_MOST = 253_402_300_799
