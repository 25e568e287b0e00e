"""Organisations, partnerships and contacts at the desk."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation

from learning.desk.forms import DeskForm
from learning.desk.kind import ByColumn, Kind, Leaning, Values, count_where
from learning.desk.lines import ListLine, address_of, line
from learning.desk.saving import check_free, lines_in, save_shared, set_values
from learning.kit import clock
from learning.kit.db import Model, db
from learning.kit.errors import Refusal
from learning.kit.forms import Day, Line, Lines, Mail, OrganisationName, PersonName, Pick, worded
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.wording import N_
from learning.network.beside import beside_contact, beside_organisation, beside_partnership
from learning.network.forms import LANGUAGES
from learning.organisations.models import Organisation, OrganisationAlias, Partnership
from learning.organisations.municipalities import municipality_named
from learning.organisations.rules import (
    NO_VAT_ID,
    SHARED_DOMAINS,
    check_period,
    is_endpoint,
    is_kvk,
    is_oin,
    is_vat_id,
    mail_domain,
    other_names,
    search_key,
    sorted_under,
)
from learning.people.contacts import check_new, contact_for
from learning.people.models import Account, Contact, Person
from learning.programmes.permissions import contacts_visible_to

ORGANISATION_KINDS = {
    "city": N_("Municipality"),
    "housing_corporation": N_("Housing corporation"),
    "institution": N_("Institution"),
    "company": N_("Company"),
    "other": N_("Other"),
}


class ContactForm(DeskForm):
    """Somebody who speaks for an organisation."""

    organisation_id = Pick(_l("Organisation"), validators=[DataRequired(_l("Choose the organisation."))])
    name = PersonName(_l("Name"))
    mail = Mail(_l("E-mail address"))
    language = SelectField(_l("Language"), choices=LANGUAGES)


class ContactLanguageForm(DeskForm):
    """A contact stays the same person: only the language of its mails changes."""

    language = SelectField(_l("Language of the mail"), choices=LANGUAGES)


class OrganisationForm(DeskForm):
    """A city, housing corporation, institution or company."""

    name = OrganisationName(_l("Name"))
    kind = SelectField(_l("Kind"), choices=worded(ORGANISATION_KINDS))
    also = Lines(_l("Other names, one on each line; also of what became part of it"), max=2000)
    language = SelectField(
        _l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
    )
    kvk = Line(_l("KvK number (8 digits)"), required=False, max=12)
    oin = Line(_l("OIN (20 digits)"), required=False, max=30)
    vat_id = Line(_l("VAT number"), required=False, max=30)
    legal_name = Line(_l("Name on an invoice"), required=False)
    street = Line(_l("Street and number"), required=False)
    postcode = Line(_l("Postcode"), required=False, max=12)
    city = Line(_l("City"), required=False)
    finance_mail = Mail(_l("Mail address for invoices"), required=False)
    endpoint = Line(
        _l("Address for e-invoices: 0190:OIN, 0106:KvK number or 9944:VAT number"), required=False, max=40
    )
    mail_domains = Lines(
        _l("Mail domains of its people, one on each line: they are offered this organisation"), max=2000
    )

    def validate_name(self, field: Any) -> None:
        """Something by which one can find it."""
        if not search_key(field.data or ""):
            raise StopValidation(gettext("Enter a name with letters or digits."))

    def validate_kvk(self, field: Any) -> None:
        """Eight digits."""
        field.data = "".join((field.data or "").split())
        if field.data and not is_kvk(field.data):
            raise StopValidation(gettext("A KvK number has eight digits."))

    def validate_oin(self, field: Any) -> None:
        """Twenty digits with a right number inside."""
        field.data = "".join((field.data or "").split())
        if field.data and not is_oin(field.data):
            raise StopValidation(
                gettext("This is no OIN: it has twenty digits, and the number inside it must be right.")
            )

    def validate_vat_id(self, field: Any) -> None:
        """NL, nine digits, B and two digits, with a right check."""
        field.data = "".join((field.data or "").split()).replace(".", "").upper()
        if field.data and not is_vat_id(field.data):
            raise StopValidation(gettext(NO_VAT_ID))

    def validate_endpoint(self, field: Any) -> None:
        """A known scheme with a right number."""
        field.data = "".join((field.data or "").split()).upper()
        if field.data and not is_endpoint(field.data):
            raise StopValidation(
                gettext("Write 0190: and an OIN, 0106: and a KvK number, or 9944: and a VAT number.")
            )

    def validate_mail_domains(self, field: Any) -> None:
        """Domains that belong to an organisation, not those where everybody has an address."""
        lines = [one.strip() for one in (field.data or "").splitlines() if one.strip()]
        for typed in lines:
            domain = mail_domain(typed)
            if not domain:
                raise StopValidation(
                    gettext("“%(line)s” is no mail domain. Write it like zutphen.nl.", line=typed)
                )
            if domain in SHARED_DOMAINS:
                words = gettext("Everybody can have an address at %(domain)s. Leave it out.", domain=domain)
                raise StopValidation(words)
        field.data = "\n".join(dict.fromkeys(mail_domain(one) for one in lines))


class PartnershipForm(DeskForm):
    """An organisation is partner of the network."""

    organisation_id = Pick(_l("Organisation"), validators=[DataRequired(_l("Choose the organisation."))])
    from_on = Day(_l("Partner from"), required=True)
    until_on = Day(_l("Until, empty: without end"))
    level = Line(_l("Level, when your network has levels"), required=False, max=60)


class BillingForm(OrganisationForm):
    """To whom and where the invoices of an organisation go, and nothing else of it."""

    name = kind = also = language = mail_domains = None  # type: ignore[assignment]


def _save_organisation(row: Organisation, values: Values, organiser_id: int, _programme: Any) -> None:
    """An organisation with its other names; a municipality
    gets its code and the names that everybody uses.
    """
    if values["name"] != row.name:
        check_name(values["name"], longest=LONGEST_ORGANISATION)
    key = search_key(values["name"])
    found = municipality_named(values["name"], date.max) if values["kind"] == "city" else None
    typed, official = lines_in(values["also"]), found.also if found else ()
    asked = OrganisationAlias.search_key.in_({search_key(name) for name in (*typed, *official)})
    check_free(
        Organisation, row, "name", Organisation.organiser_id == organiser_id, Organisation.search_key == key
    )
    mine, theirs = (
        OrganisationAlias.organiser_id == organiser_id,
        OrganisationAlias.organisation_id != (row.id or 0),
    )
    with db.session.no_autoflush:
        names = select(OrganisationAlias.search_key, OrganisationAlias.name).where(mine, theirs, asked)
        taken = dict(db.session.execute(names).all())
    others = other_names(values["name"], typed, official, taken)
    row.search_key, row.sort_key = key, sorted_under(values["name"])
    row.municipality_code = found.code if found else ""
    set_values(row, {**values, "mail_domains": lines_in(values["mail_domains"])}, "also")
    row.organiser_id = organiser_id
    db.session.add(row)
    db.session.flush()
    kept = {alias.search_key: alias for alias in row.aliases}
    row.aliases = [
        kept.get(other) or OrganisationAlias(organiser_id=organiser_id, name=name, search_key=other)
        for other, name in others.items()
    ]


def _save_partnership(row: Partnership, values: Values, organiser_id: int, _programme: Any) -> None:
    if values["organisation_id"] is None:
        raise Refusal("no_organisation", N_("Choose the organisation."), "organisation_id")
    theirs = (Partnership.organisation_id == values["organisation_id"], Partnership.id != (row.id or 0))
    with db.session.no_autoflush:
        others = db.session.execute(select(Partnership.from_on, Partnership.until_on).where(*theirs)).all()
    check_period(values["from_on"], values["until_on"], [(other.from_on, other.until_on) for other in others])
    save_shared(row, values, organiser_id)


def _save_contact(row: Contact, values: Values, _organiser_id: int, _programme: Any) -> Contact:
    """A contact that is new, or that comes back; of one that is there only the language of mails changes."""
    if row.id is None:
        if values["organisation_id"] is None:
            raise Refusal("no_organisation", N_("Choose the organisation."), "organisation_id")
        organisation = db.session.get_one(Organisation, values["organisation_id"])
        who = (organisation, values["name"], values["mail"])
        row, done = contact_for(*who, language=values["language"], now=clock.now())
        check_new(row, done)
    row.person.language = values["language"]
    return row


def _partnership_cells(row: Any) -> ListLine:
    today = clock.local(clock.now()).date()
    state = "now"
    if row.from_on > today:
        state = "later"
    elif row.until_on is not None and row.until_on < today:
        state = "over"
    until = row.until_on.isoformat() if row.until_on else ""
    cells = (row.organisation.name, row.from_on.isoformat(), until, _partner_words(state), row.level)
    return line(row, *cells, sort={0: row.organisation.sort_key})


def _partner_state() -> Any:
    today = clock.local(clock.now()).date()
    return case((Partnership.from_on > today, "later"), (Partnership.until_on < today, "over"), else_="now")


def _partner_words(state: str) -> str:
    words = {"now": N_("partner now"), "later": N_("partner later"), "over": N_("no longer a partner")}
    return gettext(words[state])


def _contact_state() -> Any:
    return case(
        (Contact.ended_at.is_not(None), "ended"), (Contact.confirmed_at.is_(None), "asked"), else_="confirmed"
    )


def _contact_words(state: str) -> str:
    words = {"confirmed": N_("confirmed"), "ended": N_("ended"), "asked": N_("asked for")}
    return gettext(words[state])


def _contact_cells(row: Any) -> ListLine:
    state, since = "confirmed", row.confirmed_at
    if row.ended_at is not None:
        state, since = "ended", row.ended_at
    elif row.confirmed_at is None:
        state = "asked"
    day = clock.local(since).date().isoformat() if since else ""
    cells = (row.organisation.name, row.person.name, row.person.mail, _contact_words(state), day)
    return line(row, *cells, sort={0: row.organisation.sort_key, 1: row.person.sort_key})


def _organisation_cells(row: Organisation) -> ListLine:
    cells = (row.name, _kind_words(row.kind), ", ".join(row.also), row.kvk, row.oin, address_of(row))
    return line(row, *cells, sort={0: row.sort_key})


def _kind_words(kind: str) -> str:
    return gettext(ORGANISATION_KINDS.get(kind, kind))


def _in_order_of_name(
    model: type[Any], organiser_id: int, _programme: Any, _account: Account | None
) -> Select[Any]:
    query = select(model).where(model.organiser_id == organiser_id)
    if model is Organisation:
        return query.order_by(Organisation.sort_key, Organisation.id)
    return query.join(Partnership.organisation).order_by(
        Organisation.sort_key, Partnership.from_on, Partnership.id
    )


def _seen_contacts(_model: Any, organiser_id: int, _programme: Any, account: Account | None) -> Select[Any]:
    query = contacts_visible_to(account, organiser_id)
    query = query.join(Organisation, Organisation.id == Contact.organisation_id).join(Contact.person)
    return query.order_by(Organisation.sort_key, Person.sort_key, Contact.id)


def _using(column: str, id: int) -> list[Any]:
    """For each table with this column, how many rows name
    this id in it; an organisation's other names do not count.
    """
    tables = [table for table in Model.metadata.sorted_tables if column in table.c]
    counted = [table for table in tables if table.name != OrganisationAlias.__tablename__]
    return [select(func.count()).select_from(table).where(table.c[column] == id) for table in counted]


def _leaning_on_organisation(row: Organisation) -> Leaning:
    words = N_("It is used %(count)d times: by people, delegations, partnerships or invoices. So it stays.")
    return [(words, query) for query in _using("organisation_id", row.id)]


def _leaning_on_partnership(row: Partnership) -> Leaning:
    words = N_("%(count)d agreed prices lean on it. Give it a last day instead.")
    return [(words, query) for query in _using("price_partnership_id", row.id)]


ORGANISATIONS = Kind(
    key="organisations",
    model=Organisation,
    one=N_("Organisation"),
    many=N_("Organisations"),
    new=N_("New organisation"),
    none=N_("No organisations yet."),
    of_programme=False,
    form=OrganisationForm,
    part_form=BillingForm,
    save=_save_organisation,
    released=False,
    find=_in_order_of_name,
    loads=(selectinload(Organisation.aliases),),
    heads=(N_("Name"), N_("Kind"), N_("Other names"), N_("KvK"), N_("OIN"), N_("Address")),
    cells=_organisation_cells,
    facets={"kind": 1},
    by_column=ByColumn(
        order=(Organisation.sort_key, Organisation.id),
        sorts={0: Organisation.sort_key, 3: Organisation.kvk, 4: Organisation.oin},
        filters={"kind": (lambda: Organisation.kind, _kind_words)},
    ),
    imported=True,
    lists=lambda row: {"also": "\n".join(row.also)},
    leaning=_leaning_on_organisation,
    own=lambda row: (row, *row.aliases),
    beside=beside_organisation,
)
PARTNERSHIPS = Kind(
    key="partnerships",
    model=Partnership,
    one=N_("Partnership"),
    many=N_("Partners"),
    new=N_("New partner"),
    none=N_("No partners yet."),
    of_programme=False,
    form=PartnershipForm,
    save=_save_partnership,
    released=False,
    find=_in_order_of_name,
    loads=(joinedload(Partnership.organisation),),
    heads=(N_("Organisation"), N_("Partner from"), N_("Until"), N_("State"), N_("Level")),
    cells=_partnership_cells,
    facets={"state": 3, "level": 4},
    by_column=ByColumn(
        order=(Organisation.sort_key, Partnership.from_on, Partnership.id),
        sorts={0: Organisation.sort_key, 1: Partnership.from_on, 2: Partnership.until_on},
        filters={"state": (_partner_state, _partner_words), "level": (lambda: Partnership.level, str)},
    ),
    imported=True,
    words=lambda row: str(row.organisation.name),
    leaning=_leaning_on_partnership,
    beside=beside_partnership,
)
CONTACTS = Kind(
    key="contacts",
    model=Contact,
    one=N_("Contact"),
    many=N_("Contacts"),
    new=N_("New contact"),
    none=N_("No contacts yet."),
    of_programme=False,
    form=ContactForm,
    change_form=ContactLanguageForm,
    save=_save_contact,
    released=False,
    find=_seen_contacts,
    loads=(joinedload(Contact.organisation), joinedload(Contact.person)),
    heads=(N_("Organisation"), N_("Name"), N_("E-mail address"), N_("State"), N_("Since")),
    cells=_contact_cells,
    named=1,
    facets={"state": 3},
    by_column=ByColumn(
        order=(Organisation.sort_key, Person.sort_key, Contact.id),
        sorts={0: Organisation.sort_key, 1: Person.sort_key, 2: Person.mail_key},
        filters={"state": (_contact_state, _contact_words)},
    ),
    imported=True,
    words=lambda row: f"{row.person.name} ({row.organisation.name})",
    holder=lambda row, name: row.person if name in ("name", "mail", "language") else row,
    with_it=lambda row: (row.person,),
    leaning=lambda row: [
        (N_("A contact stays on record. End it instead."), count_where(Contact.id == row.id))
    ],
    beside=beside_contact,
)
