"""Codes for a discount or an invitation: finding one, using it once, and giving a use back."""

from datetime import date
from typing import Any

from sqlalchemy import select, update

from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.prices.models import PriceCode
from learning.prices.rules import Discount, check_code, code_key
from learning.releases.picture import ProgrammePicture


def has_codes(picture: ProgrammePicture) -> bool:
    """People can have a code for this programme."""
    there = select(PriceCode.id).where(PriceCode.programme_id == picture.id).limit(1)
    return picture.by_invitation or db.session.scalar(there) is not None


def discount_for(picture: ProgrammePicture, typed: str, on: date) -> Discount | None:
    """What this code gives on this day, None without one; refuses one that does not count.

    A code that never was, one of another day and one that is
    used up get the same answer: guessing teaches nothing.
    """
    key = code_key(typed)
    mine = (PriceCode.programme_id == picture.id, PriceCode.code == key)
    row = db.session.scalar(select(PriceCode).where(*mine)) if key and "\0" not in key else None
    if not key:
        if picture.by_invitation:
            words = N_("One registers for this programme by invitation. Fill in the code of your invitation.")
            raise Refusal("not_invited", words, "code")
        return None
    no = Refusal(
        "code_unknown",
        N_("This code does not count here. Check it, leave it out, or ask the organiser."),
        "code",
    )
    if row is None or (picture.by_invitation and not row.invites):
        raise no
    left = None if row.most is None else row.most - row.used
    found = Discount(row.id, row.percent, row.off, row.from_on, row.until_on, left)
    try:
        check_code(found, on)
    except Refusal:
        raise no from None
    return found


@transaction()
def use_code(id: int | None) -> None:
    """Count one use; refuses when somebody else had the last one a moment ago."""
    if id is None:
        return
    free = PriceCode.most.is_(None) | (PriceCode.used < PriceCode.most)
    used: Any = db.session.execute(
        update(PriceCode).where(PriceCode.id == id, free).values(used=PriceCode.used + 1)
    )
    if used.rowcount != 1:
        raise Refusal(
            "code_used_up", N_("This code was used as many times as it can be. Ask the organiser."), "code"
        )


@transaction()
def give_code_back(id: int | None) -> None:
    """Who used it does not take part after all, without ever having counted."""
    if id is not None:
        db.session.execute(
            update(PriceCode).where(PriceCode.id == id, PriceCode.used > 0).values(used=PriceCode.used - 1)
        )
