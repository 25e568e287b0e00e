"""Which doors exist, which job does what, and who reacts when something happens: one page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

import learning.attendance.actions
import learning.attendance.manage
import learning.attendance.queries
import learning.attendance.views
import learning.billing.documents
import learning.billing.identity
import learning.billing.manage
import learning.billing.queries
import learning.billing.views
import learning.choices.actions
import learning.choices.draw.actions
import learning.choices.draw.manage
import learning.choices.draw.publishing
import learning.choices.draw.views
import learning.choices.following
import learning.choices.manage
import learning.choices.queries
import learning.choices.views
import learning.choices.waiting
import learning.delegations.actions
import learning.delegations.asking
import learning.delegations.joining
import learning.delegations.manage
import learning.delegations.passing_on
import learning.delegations.permissions
import learning.delegations.queries
import learning.delegations.register_pages
import learning.delegations.reminding
import learning.delegations.views
import learning.demo.views
import learning.desk.doors
import learning.desk.kind
import learning.desk.kinds.blocks
import learning.desk.kinds.meetings
import learning.desk.kinds.modules
import learning.desk.kinds.parties
import learning.desk.kinds.places
import learning.desk.kinds.prices
import learning.desk.kinds.programme
import learning.desk.kinds.sessions
import learning.desk.kinds.themes
import learning.desk.manage
import learning.desk.reading
import learning.insights.manage
import learning.insights.reports
import learning.insights.views
import learning.intake.actions
import learning.intake.manage
import learning.kit.files
import learning.kit.sent
import learning.network.importing
import learning.network.kinds
import learning.network.manage
import learning.network.partners
import learning.network.views
import learning.office.audit
import learning.office.heart
import learning.office.installation
import learning.office.manage
import learning.office.queries
import learning.office.steps
import learning.office.views
import learning.organisations.proving
import learning.people.actions
import learning.people.colleagues
import learning.people.invitations
import learning.people.invited
import learning.people.manage
import learning.people.views
import learning.planning.manage
import learning.planning.suggestions
import learning.printing.documents
import learning.printing.manage
import learning.releases.queries
import learning.schedules.digest
import learning.schedules.views
import learning.site.files
import learning.site.views
import learning.speakers.actions
import learning.speakers.hand_ins
import learning.speakers.kinds
import learning.speakers.manage
import learning.speakers.queries
import learning.speakers.views
from learning.attendance.happenings import (
    ParticipationEnded,
    ParticipationHandedOver,
    RegistrationConfirmed,
    RegistrationEnded,
)
from learning.kit.access import viewer
from learning.kit.installation import Hooks
from learning.mail.delivery import deliver_due
from learning.people.permissions import can_manage, can_see_invoices, can_see_plans, can_set_identity
from learning.releases.happenings import Released, SessionsMoving

DOORS = (
    learning.site.views.bp,
    learning.site.files.bp,
    learning.people.views.bp,
    learning.people.manage.bp,
    learning.desk.manage.bp,
    learning.planning.manage.bp,
    learning.speakers.views.bp,
    learning.speakers.manage.bp,
    learning.intake.manage.bp,
    learning.network.views.bp,
    learning.network.manage.bp,
    learning.printing.manage.bp,
    learning.attendance.views.bp,
    learning.attendance.manage.bp,
    learning.choices.views.bp,
    learning.choices.manage.bp,
    learning.choices.draw.views.bp,
    learning.choices.draw.manage.bp,
    learning.schedules.views.bp,
    learning.delegations.views.bp,
    learning.delegations.manage.bp,
    learning.billing.views.bp,
    learning.billing.manage.bp,
    learning.billing.identity.bp,
    learning.insights.manage.bp,
    learning.insights.views.bp,
    learning.office.views.bp,
    learning.office.manage.bp,
    learning.office.installation.bp,
    learning.office.audit.bp,
)
KINDS = (  # of rows that the desk edits; each stands in one file
    learning.desk.kinds.meetings.MEETINGS,
    learning.desk.kinds.blocks.BLOCKS,
    learning.desk.kinds.sessions.SESSIONS,
    learning.desk.kinds.modules.MODULES,
    learning.desk.kinds.prices.TARIFFS,
    learning.desk.kinds.prices.CODES,
    learning.desk.kinds.parties.PARTIES,
    learning.desk.kinds.places.VENUES,
    learning.desk.kinds.places.ROOMS,
    learning.speakers.kinds.SPEAKERS,
    learning.network.kinds.ORGANISATIONS,
    learning.network.kinds.PARTNERSHIPS,
    learning.network.kinds.CONTACTS,
    learning.desk.kinds.themes.THEMES,
)
# each loop is a thread of the worker: what takes long in one of them keeps none of the others waiting
LOOPS: dict[str, tuple[Callable[[], Any], ...]] = {
    "mail": (deliver_due,),
    "documents": (
        learning.billing.documents.make_due,
        learning.printing.documents.make_due,
        learning.insights.reports.make_due,
    ),
    "rows": (
        learning.intake.actions.bring_due,
        learning.network.importing.import_due,
        learning.planning.suggestions.suggest_due,
        learning.choices.draw.actions.draw_due,
        learning.choices.waiting.lapse_offers_due,
        learning.people.actions.tidy_due,
        learning.attendance.actions.lapse_due,
        learning.delegations.asking.tidy_due,
        learning.delegations.reminding.remind_due,
        learning.delegations.passing_on.pass_on_due,
        learning.network.partners.remind_due,
        learning.organisations.proving.prove_due,
        learning.kit.files.tidy_due,
        learning.kit.sent.tidy_due,
        learning.office.steps.settle_due,
    ),
}
REACTIONS: dict[type, tuple[Any, ...]] = {
    RegistrationConfirmed: (learning.choices.following.place_hosts,),
    RegistrationEnded: (
        learning.choices.following.release_seats,
        learning.delegations.actions.end_nominations,
    ),
    ParticipationEnded: (learning.choices.following.free_meeting,),
    ParticipationHandedOver: (learning.choices.following.move_seats,),
    SessionsMoving: (learning.choices.following.make_way,),
    Released: (
        learning.choices.following.follow_release,
        learning.delegations.joining.follow_release,
        learning.choices.draw.publishing.commit_seeds,
        learning.schedules.digest.tell,
        learning.printing.documents.ask_booklets,
    ),
}
UPLOADS = {  # more than the usual 2 MB may be sent here
    "speakers.hand_in_photo": 13_000_000,
    "speakers.hand_in_slides": 21_000_000,
    "speakers_desk.speaker_photo": 13_000_000,
    "desk.brand_logo": 13_000_000,
    "network_desk.import_list": 10_000_000,
}
HOME_CARDS = (
    learning.people.invitations.home_cards,
    learning.speakers.queries.home_cards,
    learning.delegations.queries.home_cards,
    learning.attendance.queries.home_cards,
    learning.billing.queries.home_cards,
    learning.office.queries.home_cards,
)
OWN_LINKS = (  # which secret links belong to a mail address
    learning.attendance.queries.own_links,
    learning.delegations.queries.own_links,
    learning.speakers.hand_ins.own_links,
)

HOOKS = Hooks(
    reactions=REACTIONS,
    heart=learning.office.heart.beat,
    home_cards=HOME_CARDS,
    own_links=OWN_LINKS,
    delegation_cards=(learning.billing.queries.delegation_cards,),
    programme_titles=learning.desk.reading.titles_of,
    organisations_of=learning.delegations.permissions.organisations_of,
    wanted_together=learning.choices.queries.wanted_together,
)


def install(app: Flask) -> None:
    """Give the app its doors."""
    learning.desk.kind.install(KINDS, learning.desk.kinds.programme.PROGRAMME)
    app.url_map.converters |= {
        "kind_in_programme": learning.desk.doors.KindInProgramme,
        "kind_in_organiser": learning.desk.doors.KindInOrganiser,
    }
    for door in DOORS:
        app.register_blueprint(door)
    assert app.view_functions.keys() >= UPLOADS.keys()
    if app.config["DEMO"]:
        app.register_blueprint(learning.demo.views.bp)
    app.jinja_env.globals["history_url"] = history_url


@dataclass(frozen=True)
class NavItem:
    """One entry of a menu."""

    title: str
    url: str
    here: bool = False
    icon: str = ""


class Nav:
    """The main menu, made when a page shows it; `desk` is the menu of an organiser's desk."""

    def __iter__(self) -> Iterator[NavItem]:
        yield _item(_("Programmes"), "site.catalogue", lang=_lang())
        if not g.get("finished_page") and viewer() is not None:
            yield _item(_("My overview"), "people.home", lang=_lang())

    @property
    def desk(self) -> Iterator[NavItem]:
        """The pages of the desk of this organiser."""
        organiser = g.get("organiser")
        if organiser is not None:
            at = {"organiser": organiser.slug}
            if organiser.settled_at is None and can_manage(viewer(), organiser.id):
                yield _item(_("To begin with"), "office_desk.beginning", "list-todo", **at)
            yield _item(_("Programmes"), "programmes_desk.overview", "layout-grid", **at)
            if can_see_plans(viewer(), organiser.id):
                yield _item(_("Speakers"), "desk.shared", "users", key="speakers", **at)
                yield _item(_("Venues"), "desk.shared", "building-2", key="venues", **at)
                yield _item(_("Rooms"), "desk.shared", "map-pin", key="rooms", **at)
                yield _item(_("Themes"), "desk.shared", "star", key="themes", **at)
                yield _item(_("Organisations"), "desk.shared", "building-2", key="organisations", **at)
                yield _item(_("Partners"), "desk.shared", "users", key="partnerships", **at)
                yield _item(_("Contacts"), "desk.shared", "user-round", key="contacts", **at)
            if can_see_invoices(viewer(), organiser.id):
                yield _item(_("Invoices"), "billing_desk.invoices", "euro", **at)
            if can_set_identity(viewer(), organiser.id):
                yield _item(_("Identity for invoices"), "identity_desk.identity", "file-text", **at)
            if can_manage(viewer(), organiser.id):
                yield _item(_("Name and colours"), "desk.brand", "house", **at)
                yield _item(_("Colleagues"), "people_desk.colleagues", "user-plus", **at)
                yield _item(_("Log"), "audit_desk.audit", "list", **at)

    @property
    def programme(self) -> Iterator[NavItem]:
        """The pages of the desk about one programme."""
        programme, organiser = g.get("programme"), g.get("organiser")
        if programme is not None and organiser is not None and can_see_plans(viewer(), organiser.id):
            at = {"organiser": organiser.slug, "slug": programme.slug}
            yield _item(_("Overview"), "programmes_desk.programme", "chart-line", **at)
            yield _item(_("Schedule"), "planning_desk.grid", "layout-grid", **at)
            yield _item(_("Sessions"), "desk.rows", "messages-square", key="sessions", **at)
            yield _item(_("Speakers and hosts"), "speakers_desk.hand_ins", "users", **at)
            yield _item(_("Blocks and rounds"), "desk.rows", "clock", key="blocks", **at)
            yield _item(_("Meetings"), "desk.rows", "calendar", key="meetings", **at)
            if programme.kind == "training":
                yield _item(_("Modules"), "desk.rows", "book-open", key="modules", **at)
            yield _item(_("Registrations"), "attendance_desk.registrations", "list", **at)
            if programme.by_delegation:
                yield _item(_("Delegations"), "delegations_desk.delegations", "user-round", **at)
            yield _item(_("Prices"), "desk.rows", "euro", key="tariffs", **at)
            yield _item(_("Codes"), "desk.rows", "ticket", key="codes", **at)
            yield _item(_("Parties behind it"), "desk.rows", "building-2", key="parties", **at)
            yield _item(_("Settings"), "desk.settings", "settings", **at)
            yield _item(_("Draw"), "draw_desk.draws", "ticket", **at)
            yield _item(_("Releases"), "planning_desk.releases", "globe", **at)
            yield _item(_("Share"), "printing_desk.share", "link", **at)
            yield _item(_("To print"), "printing_desk.printing", "printer", **at)


def _lang() -> str:
    lang: str = g.get("lang", "nl")
    return lang


def _item(title: str, endpoint: str, icon: str = "", **values: Any) -> NavItem:
    url = url_for(endpoint, **values)
    return NavItem(title, url, request.path == url, icon)


def history_url(thing: str, id: int) -> str:
    """Where the log of one thing at this desk stands; empty for who may not read the log."""
    organiser = g.get("organiser")
    if organiser is None or not can_manage(viewer(), organiser.id):
        return ""
    return url_for("audit_desk.history", organiser=organiser.slug, thing=thing, id=id)


def footer() -> list[tuple[str, str]]:
    """The links at the foot of every page."""
    return [(_("Demo mail"), url_for("demo.mailbox"))] if current_app.config["DEMO"] else []
