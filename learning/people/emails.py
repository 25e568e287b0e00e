"""The mails about signing in."""

from collections.abc import Sequence
from datetime import datetime

from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.organisations.models import Organiser
from learning.people.models import Account, Contact, Invitation, SignInLink
from learning.people.queries import OwnLink
from learning.people.roles import MEANT, ROLES
from learning.people.rules import mail_key


def sign_in_link(link: SignInLink, token: str, *, language: str, now: datetime) -> None:
    """The link that signs in once."""
    queue(
        "people/sign_in_link",
        to=link.mail,
        name="",
        language=language,
        values={"sign_in_url": absolute("people.sign_in_link", token=token, lang=language)},
        once=f"sign-in-{link.id}",
        organiser_id=None,
        now=now,
    )


def own_links(mail: str, links: Sequence[OwnLink], *, language: str, now: datetime) -> None:
    """The secret links of an address, once more."""
    queue(
        "people/own_links",
        to=mail,
        name="",
        language=language,
        values={
            "links": [{"words": link.words, "url": link.url} for link in links],
            "page_url": absolute("people.sign_in", lang=language),
        },
        once=f"own-links-{mail_key(mail)}-{now.isoformat()}",
        organiser_id=None,
        now=now,
    )


def password_set(account: Account, *, now: datetime) -> None:
    """The password of this account was set or changed."""
    queue(
        "people/password_set",
        to=account.mail,
        name=account.name,
        language=account.language,
        values={"page_url": absolute("people.sign_in", lang=account.language)},
        once=f"password-{account.id}-{account.epoch}",
        organiser_id=None,
        now=now,
    )


def many_tries(account: Account, *, now: datetime) -> None:
    """Somebody tries passwords for this account."""
    queue(
        "people/many_tries",
        to=account.mail,
        name=account.name,
        language=account.language,
        values={"page_url": absolute("people.sign_in", lang=account.language)},
        once=f"tries-{account.id}-{now.isoformat()}",
        organiser_id=None,
        now=now,
    )


def contact_invited(contact: Contact, organiser: Organiser, *, now: datetime) -> None:
    """Somebody speaks for an organisation: what that means, and where to sign in."""
    person = contact.person
    queue(
        "people/contact_invited",
        to=person.mail,
        name=person.called,
        language=person.language,
        values={
            "organisation": contact.organisation.name,
            "organiser": organiser.name,
            "mail": person.mail,
            "page_url": absolute("people.home", lang=person.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
        },
        once=f"contact-{contact.id}-{now.isoformat()}",
        organiser_id=organiser.id,
        now=now,
    )


def colleague_invited(invitation: Invitation, token: str, *, now: datetime) -> None:
    """Somebody is asked to work for an organiser; the address
    is not confirmed, so nothing that was typed goes along.
    """
    organiser = invitation.organiser
    queue(
        "people/colleague_invited",
        to=invitation.mail,
        name="",
        language=invitation.language,
        values={
            "organiser": organiser.name,
            "role": ROLES[invitation.role],
            "meant": MEANT[invitation.role],
            "limited": invitation.limited,
            "invitation_url": absolute("people.come", token=token, lang=invitation.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
        },
        once=f"invitation-{invitation.id}-{now.isoformat()}",
        organiser_id=organiser.id,
        now=now,
    )
