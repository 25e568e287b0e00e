"""With what a city accounts for its money: who was sent to
what, workshops followed, seats used, invoices, cost of a seat.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date
from flask import g, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select

from learning.billing.models import Invoice
from learning.choices.models import Seat
from learning.delegations import board as delegations_board
from learning.delegations import queries
from learning.delegations.forms import WORDS
from learning.delegations.models import Delegation, DelegationReport, Nomination
from learning.kit import clock
from learning.kit.db import after_commit, db, hold, lock, transaction
from learning.kit.files import StoredFile, keep
from learning.kit.jobs import each_due, nudge
from learning.kit.money import euro
from learning.kit.pdf import write_pdf
from learning.kit.setbacks import clear
from learning.kit.sheets import Cell
from learning.kit.wording import N_

JOB = "report"
STATES = {"was": N_("was sent"), "comes": N_("said yes"), "sent": N_("not answered yet")}


@dataclass(frozen=True)
class Report:
    """The report of a delegation on one day."""

    board: delegations_board.DelegationBoard
    # by the id of a nomination: the sessions in which the person has a place there
    workshops: dict[int, list[str]]
    invoices: list[Invoice]
    day: datetime

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The figures in words; what is not known yet is left out."""
        board, delegation = self.board, self.board.delegation
        over = [row for row in board.meetings if row.over and not row.meeting.cancelled]
        rows = [(_("Organisation"), delegation.title), (_("Programme"), board.picture.title.pick(g.lang))]
        rows += [(_("Code"), delegation.code), (_("Contact person"), delegation.contact.name)]
        rows += [(_("Meetings so far"), _("%(over)d of %(all)d", over=len(over), all=len(board.meetings)))]
        rows += [
            (
                _("Seats used"),
                _("%(used)d of %(seats)d", used=board.used, seats=sum(row.seats for row in over)),
            )
        ]
        if delegation.price_amount is not None:
            rows.append((_("Price, excluding VAT"), queries.paid_words(delegation)))
            rows.append((_("Because"), _(delegation.price_reason)))
            if board.used:
                each = (delegation.price_total / board.used).quantize(Decimal("0.01"), ROUND_HALF_UP)
                rows.append((_("For each seat used so far"), euro(each, g.lang)))
        return rows

    def state(self, row: delegations_board.MeetingBoard, nomination: Nomination) -> str:
        """How it stands with somebody at a meeting, in words."""
        return _(STATES[delegations_board.state_of(nomination, over=row.over)])

    @property
    def sheets(self) -> list[tuple[str, list[list[Cell]]]]:
        """The report as sheets of a workbook."""
        head = [_("Day"), _("Meeting"), _("Name"), _("On behalf of"), _("State"), _("Sessions")]
        sent: list[list[Cell]] = [list(head)]
        for row in self.board.meetings:
            day = row.meeting.on.isoformat() if row.meeting.on else ""
            for one in row.running:
                words = str(WORDS.get(one.capacity, one.capacity))
                followed = ", ".join(self.workshops.get(one.id, []))
                sent.append(
                    [
                        day,
                        row.meeting.title.pick(g.lang),
                        one.person.name,
                        words,
                        self.state(row, one),
                        followed,
                    ]
                )
        bills: list[list[Cell]] = [[_("Invoice"), _("Day"), _("Including VAT")]]
        bills += [
            [row.number, str(row.issued_on), euro(row.total or Decimal(0), g.lang)] for row in self.invoices
        ]
        figures: list[list[Cell]] = [[words, value] for words, value in self.figures]
        return [(_("Report"), figures), (_("Who was sent"), sent), (_("Invoices"), bills)]


def report_of(delegation: Delegation, *, now: datetime) -> Report:
    """Everything that the report of a delegation says now."""
    board = delegations_board.delegation_board(delegation, now=now)
    nominations = [one for row in board.meetings for one in row.running]
    held: dict[tuple[int, int], list[str]] = defaultdict(list)
    seats = select(Seat.registration_id, Seat.session_id).where(
        Seat.registration_id.in_([one.registration_id for one in nominations])
    )
    for registration_id, session_id in sorted(db.session.execute(seats).all()):
        session = board.picture.sessions.get(session_id)
        if session is not None and not session.cancelled:
            at = board.picture.round_of[session_id].meeting_id
            held[registration_id, at].append(f"{session.code} {session.title.pick(g.lang)}")
    issued = (Invoice.delegation_id == delegation.id, Invoice.number.is_not(None))
    invoices = list(db.session.scalars(select(Invoice).where(*issued).order_by(Invoice.id)))
    workshops = {one.id: sorted(held.get((one.registration_id, one.meeting_id), [])) for one in nominations}
    return Report(board, workshops, invoices, clock.local(now))


def words_of(report: Report) -> dict[str, Any]:
    """What templates of a report need."""
    return {
        "report": report,
        "board": report.board,
        "words": WORDS,
        "money": lambda amount: euro(amount, g.lang),
    }


def newest_pdf(delegation: Delegation, lang: str) -> DelegationReport | None:
    """The report as PDF that was asked for last, made or being made."""
    return db.session.scalar(select(DelegationReport).filter_by(delegation_id=delegation.id, lang=lang))


@transaction()
def ask_pdf(delegation: Delegation, lang: str, *, now: datetime) -> None:
    """Let the worker make the report as PDF, with what it says by then; the one before goes."""
    lock(Delegation, [delegation.id])
    found = newest_pdf(delegation, lang)
    if found is None:
        found = DelegationReport(delegation_id=delegation.id, lang=lang)
        db.session.add(found)
    before, found.file_id = found.file_id, None
    found.asked_at, found.made_at, found.failed = now, None, ""
    db.session.flush()
    clear(JOB, found.id)
    if before is not None:
        db.session.execute(delete(StoredFile).where(StoredFile.id == before))
    after_commit(nudge)


def make_due() -> None:
    """What the worker does each sweep: every report that was asked for and is not there yet."""
    waiting = (
        select(DelegationReport.id).where(DelegationReport.file_id.is_(None)).order_by(DelegationReport.id)
    )
    each_due(JOB, db.session.scalars(waiting).all(), make)


def make(id: int) -> None:
    """Read what the report says, let go, make the PDF, and keep it; or that it failed."""
    try:
        html = html_of(db.session.get_one(DelegationReport, id))
        db.session.rollback()
        content = write_pdf(html)
    except Exception:
        db.session.rollback()
        keep_pdf(id, None)
        raise
    keep_pdf(id, content)


def html_of(row: DelegationReport) -> str:
    """The report as HTML, in its language."""
    with force_locale(row.lang):
        g.lang = row.lang
        report = report_of(row.delegation, now=clock.now())
        values = {
            "organiser": row.delegation.organiser,
            "day": format_date(report.day, "long", locale=row.lang),
        }
        return render_template("documents/report.html", **words_of(report), **values)


@transaction()
def keep_pdf(id: int, content: bytes | None) -> None:
    """Store the PDF, or that it could not be made; when another worker was first, nothing."""
    [row] = hold(select(DelegationReport).where(DelegationReport.id == id))
    if row.file_id is not None:
        return
    if content is None:
        row.failed = N_(
            "The document could not be made. We try again later; ask for it again to try at once."
        )
        return
    now, delegation = clock.now(), row.delegation
    names = {
        "name": f"{delegation.code}-{row.lang}.pdf",
        "media_type": "application/pdf",
        "purpose": "delegation_report",
    }
    row.file_id = keep(content, organiser_id=delegation.organiser_id, now=now, **names).id
    row.made_at, row.failed = now, ""
    db.session.flush()
