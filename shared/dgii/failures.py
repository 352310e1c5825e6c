"""What can go wrong between us and DGII: a few facts, and the differences between them kept."""

from shared.dgii.answers import Outcome
from shared.errors import InvalidInput, NotAllowed, NotAuthenticated, Unavailable

RAW_LIMIT = 20_000
"""So many characters of an answer are kept as evidence."""


class AuthorityUnavailable(Unavailable):
    """DGII was not reached or is busy: what we wanted to send was not taken. `retry_after` in seconds when DGII said it."""

    slug = "dgii-unavailable"


class AnswerLost(Unavailable):
    """The request may have arrived and nothing is known about it: ask before sending anything again.

    `raw` is the body of what came instead of an answer, empty when nothing whole came.
    """

    slug = "dgii-answer-lost"

    def __init__(self, *, raw: str = "", **facts: object) -> None:
        super().__init__(**facts)
        self.raw = raw[:RAW_LIMIT]


class AuthorityTokenRefused(NotAuthenticated):
    """401: the token is over. A second one in a row is a matter of configuration."""

    slug = "dgii-token-refused"


class SignerNotDelegated(NotAllowed):
    """The certificate's holder may not act for this RNC, or this RNC may not issue: no retry helps, people must be told."""

    slug = "dgii-signer-not-delegated"


class CertificateRefused(SignerNotDelegated):
    """DGII takes the signer's certificate for expired or revoked."""

    slug = "dgii-certificate-refused"


class SeedRefused(InvalidInput):
    """DGII did not accept the signed seed; `reason` holds its words."""

    slug = "dgii-seed-refused"


class SeedUnusable(Unavailable):
    """What came as a seed is none."""

    slug = "dgii-seed-unusable"


class SubmissionRefused(InvalidInput):
    """DGII did not take the file: `outcome` is a RECHAZADO with its own words, which are the `reason` among the facts too."""

    slug = "dgii-submission-refused"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(reason=outcome.words, status=outcome.http_status)
        self.outcome = outcome
