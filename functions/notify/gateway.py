"""notify's outside: auth for the secret of a link and for a company's owners, SES for the mail. One mail in, what was seen out."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from functions.notify.domain import Link, Mail, Never, NotNow, Owner, Seen, Sent, masked
from functions.notify.letters import FORMS, AddressUnusable, message
from functions.notify.words import letter
from shared.cloud.ses import MailRefused, send_mail
from shared.cloud.session import Aws, CloudUnavailable
from shared.db.seal import PLATFORM
from shared.errors import NotFound
from shared.identity.callee import Callee, CalleeRefused, CalleeUnavailable


class OwnerGone(Exception):
    """Who was to be written to owns the company no longer, or is disabled."""


@dataclass(frozen=True)
class Post:
    """`portal` is the address that links begin with, without a slash at its end."""

    auth: Callee
    aws: Aws
    sender: str
    portal: str

    def deliver(self, mail: Mail) -> Seen:
        """One attempt; never raises for what auth or SES do.

        Every attempt mints its own secret, so none has to be kept for a second one; those of earlier attempts stay good, because
        a mail whose answer was lost may have arrived.
        """
        try:
            made = self._written(mail)
            sent = send_mail(self.aws, sender=self.sender, recipient=str(made["To"]), message=made.as_bytes())
        except CalleeUnavailable:
            return NotNow("auth does not answer")
        except OwnerGone:
            return Never("person-unknown")
        except CalleeRefused as error:
            gone = error.callee_status == NotFound.status
            return Never("person-unknown") if gone else NotNow(f"auth answered {error.callee_status}")
        except CloudUnavailable as error:
            return NotNow(f"SES {error.facts.get('reason', '')}")
        except MailRefused as error:
            return Never(f"SES {error.facts['reason']}")
        except AddressUnusable as error:
            return Never(error.slug)
        return Sent(sent, masked(str(made["To"])))

    def owners(self, company: str) -> list[Owner]:
        """Who owns the company now. CalleeUnavailable, CalleeRefused."""
        got = self.auth.post("/auth/owners", {}, tenant=company, purpose="mail")
        return [Owner(**item) for item in got["items"]]

    def _written(self, mail: Mail) -> EmailMessage:
        if mail.news is None or mail.company is None:
            return message(mail.kind, self._link(mail), sender=self.sender, portal=self.portal)
        owner = next((one for one in self.owners(mail.company) if one.person_id == mail.person_id), None)
        if owner is None:
            raise OwnerGone
        return letter(mail.news, owner, sender=self.sender, portal=self.portal)

    def _link(self, mail: Mail) -> Link:
        wanted = {"person_id": mail.person_id, "purpose": FORMS[mail.kind].purpose, "company": mail.company}
        got = self.auth.post("/auth/links", wanted, tenant=mail.company or PLATFORM, purpose="mail")
        return Link(got["token"], got["email"], got["name"], got["company_name"], datetime.fromisoformat(got["expires_at"]))
