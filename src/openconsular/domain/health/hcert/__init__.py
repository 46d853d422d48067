"""Electronic health certificates (HCERT): a signed CBOR Web Token, deflated and written in Base45.

The specification is WHO's (smart-trust, "Electronic Health Certificate Specification" 1.1). It carries EU Digital
COVID Certificates, WHO's digital ICVP and WHO's DDCC.
"""
