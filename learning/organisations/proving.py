"""Own domains of organisers: looked at by the worker, and used once the proof was found there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from learning.kit import clock
from learning.kit.codes import secret_token
from learning.kit.db import after_commit, db, fast_rows, lock, transaction
from learning.kit.installation import of
from learning.kit.jobs import each_due, nudge
from learning.kit.outside import Finding, Prover
from learning.kit.wording import N_
from learning.organisations.models import Organiser
from learning.organisations.queries import domain_owner

SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)  # between two looks: twice as long each time
FRESH = timedelta(seconds=5)  # how long a worker of the web remembers which domains are proven
FOUND = {
    "text": N_("The TXT record was found."),
    "file": N_("The file was found."),
    "taken": N_("The proof was found, but another organiser has this domain."),
    "other_text": N_("There is a TXT record, but it says something else."),
    "no_name": N_("No TXT record was found, and the domain leads to no address yet."),
    "not_public": N_(
        "No TXT record was found, and the domain leads to an address that is not in the public internet."
    ),
    "certificate": N_(
        "No TXT record was found, and the certificate of the "
        "website is not right, so we did not read the file."
    ),
    "no_answer": N_("No TXT record was found, and the website did not answer over https."),
    "elsewhere": N_(
        "No TXT record was found, and the address of the file leads on to another one. We do not follow that."
    ),
    "no_file": N_("No TXT record and no file was found."),
    "other_file": N_("No TXT record was found, and the file says something else."),
}


def domain_token(organiser: Organiser) -> str:
    """What must be found at the domain: only who may change
    both the domain and this organiser can put it there.
    """
    return secret_token(current_app.config["SECRET_KEY"], f"domain {organiser.domain}", organiser.id, 0)


def prove_due() -> None:
    """What the worker does each sweep: look at the domains
    that are not proven yet, less often as time goes by.
    """
    waiting = (
        Organiser.domain.is_not(None),
        Organiser.domain_seen_at.is_(None),
        Organiser.domain_due_at <= clock.now(),
    )
    each_due(
        "domain", db.session.scalars(select(Organiser.id).where(*waiting).order_by(Organiser.id)).all(), look
    )


def look(organiser_id: int) -> None:
    """Read which domain it is, let go, look, and keep what was found."""
    organiser = db.session.get_one(Organiser, organiser_id)
    domain, token = organiser.domain or "", domain_token(organiser)
    db.session.rollback()
    prover = of(current_app).memory.one(Prover)
    keep(organiser_id, domain, prover.look(domain, token), now=clock.now())


@transaction()
def keep(organiser_id: int, domain: str, finding: Finding, *, now: datetime) -> None:
    """Keep what was found; when the organiser has another domain by now, nothing."""
    lock(Organiser, [organiser_id])
    organiser = db.session.get_one(Organiser, organiser_id, populate_existing=True)
    if organiser.domain != domain or organiser.domain_seen_at is not None:
        return
    before = now - organiser.domain_looked_at if organiser.domain_looked_at else SOONEST / 2
    organiser.domain_looked_at, organiser.domain_found = now, finding.found
    organiser.domain_due_at = now + min(max(2 * before, SOONEST), LATEST)
    if finding.proven and domain_owner(domain) is None:
        organiser.domain_seen_at, organiser.domain_due_at = now, None
    elif finding.proven:
        organiser.domain_found = "taken"
    db.session.flush()


@transaction()
def look_again(organiser_id: int, *, now: datetime) -> None:
    """Let the worker look at once."""
    lock(Organiser, [organiser_id])
    organiser = db.session.get_one(Organiser, organiser_id, populate_existing=True)
    if organiser.domain is not None and organiser.domain_seen_at is None:
        organiser.domain_due_at = now
        db.session.flush()
        after_commit(nudge)


def is_proven(host: str) -> bool:
    """The host is a proven domain of an organiser, as this worker read it some seconds ago at most."""
    kept, now = of(current_app).memory.one(Proven), clock.now()
    if kept.at is None or not now - FRESH < kept.at <= now:
        rows = fast_rows(
            "SELECT domain FROM organiser WHERE domain IS NOT NULL AND domain_seen_at IS NOT NULL"
        )
        kept.at, kept.names = now, frozenset(name for (name,) in rows)
    return host in kept.names


@dataclass
class Proven:
    """The proven domains, as this worker read them last."""

    at: datetime | None = None
    names: frozenset[str] = frozenset()
