"""Why a rule cannot be used or evaluated; never what somebody's certificate says."""


class RuleError(Exception):
    """`code` is stable and in kebab case (docs/reference/health-reasons.md); `message` is for whoever writes rules."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


MALFORMED = "rule-malformed"
INVALID = "rule-invalid"
TYPE_MISMATCH = "rule-type-mismatch"
NO_TRUTH = "rule-value-neither-true-nor-false"
NOT_A_DATE = "rule-not-a-date"
DATE_OUT_OF_RANGE = "rule-date-out-of-range"
INTEGER_OUT_OF_RANGE = "rule-integer-out-of-range"
TOO_MUCH_WORK = "rule-too-much-work"
# Of a list: what keeps one rule out of it.
CONFLICT = "rule-twice"
OTHER_HASH = "rule-other-hash"
UNSIGNED = "rule-not-signed"
WINDOW = "rule-never-in-force"
OLDER = "rule-older"
SAME_VERSION = "rule-same-version"
NAME_TOO_LONG = "rule-name-too-long"
SET_OLDER = "value-set-older"
