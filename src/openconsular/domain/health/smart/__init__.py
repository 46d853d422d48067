"""SMART Health Cards: FHIR resources in a signed, deflated JSON text, as digits in a QR code or in a file.

Specification: https://spec.smarthealth.cards (release 1.4), now HL7 SMART Health Cards and Links 1.0.0.
"""
