"""Health certificates: what is kept of them.

    SigningKey 1--n Issued n--1 Record (a dose, test or recovery; one signature each)
    Batch 1--n Chunk, BatchFault, Record            Record 0--1 Record (what it corrects)
    Revocation 1--n RevokedCertificate n--1 Issued  RevocationEdition 1--n RevocationSegment 1--n
                                                    RevocationSlice (as published), UnpublishedRevocation
    TrustSource 1--n TrustEdition                   ApiClient 1--n ApiUse
    RuleSource 1--n RuleEdition, EntryRule, CodeSet (entry rules of States, and the codes they ask for)
    Issued 1--n ClaimCode, ClaimMail (how it reaches its holder)

Who may do what to whom stands in constraints and triggers (migration 0002), so that no view, no command and no
mistake gets past them.
"""

from openconsular.health_certificates.models.access import ApiClient, ApiUse, ClaimCode
from openconsular.health_certificates.models.batches import Batch, BatchFault, Chunk
from openconsular.health_certificates.models.environments import Environment
from openconsular.health_certificates.models.keys import SigningKey
from openconsular.health_certificates.models.mailing import ClaimMail
from openconsular.health_certificates.models.records import Issued, Record
from openconsular.health_certificates.models.revoking import (
    Revocation,
    RevocationEdition,
    RevocationSlice,
    RevokedCertificate,
)
from openconsular.health_certificates.models.rules import CodeSet, EntryRule, RuleEdition, RuleSource
from openconsular.health_certificates.models.segments import RevocationSegment, UnpublishedRevocation
from openconsular.health_certificates.models.trusting import TrustEdition, TrustSource
from openconsular.health_certificates.models.watching import Alarm, IssuingSwitch

__all__ = [
    "Alarm",
    "ApiClient",
    "ApiUse",
    "Batch",
    "BatchFault",
    "Chunk",
    "ClaimCode",
    "ClaimMail",
    "CodeSet",
    "EntryRule",
    "Environment",
    "Issued",
    "IssuingSwitch",
    "Record",
    "Revocation",
    "RevocationEdition",
    "RevocationSegment",
    "RevocationSlice",
    "RevokedCertificate",
    "RuleEdition",
    "RuleSource",
    "SigningKey",
    "TrustEdition",
    "TrustSource",
    "UnpublishedRevocation",
]
