"""Entry rules as data: CertLogic expressions, the rules that hold them, and what they decide about a certificate.

CertLogic 1.3.3 is the restricted JsonLogic in which States exchange rules for digital health certificates
(ehn-dcc-development/eu-dcc-business-rules, certlogic/specification). A rule comes from elsewhere and is never trusted:
`check` says what is wrong with it, `certlogic` turns it into functions with a limit on depth, size and work.
"""
