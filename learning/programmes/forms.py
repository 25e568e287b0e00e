"""What staff fill in about a programme: one form for each thing. Shape and type only."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, FieldList, FileField, HiddenField, RadioField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional, StopValidation

from learning.kit.forms import (
    Clock,
    Colour,
    Count,
    Day,
    Form,
    HostName,
    Line,
    Lines,
    LocalMoment,
    Mail,
    Markdown,
    OrganisationName,
    PersonName,
    Pick,
    WebAddress,
    clean,
)
from learning.kit.wording import N_
from learning.organisations.rules import SHARED_DOMAINS, is_endpoint, is_kvk, is_oin, is_vat_id, mail_domain, search_key
from learning.programmes.pricing import code_key
from learning.programmes.suggesting import HOW

_l = lazy_gettext
LONG = 20_000
MOST_OFFER_HOURS = 168
ORGANISATION_KINDS = {
    "city": N_("Municipality"),
    "housing_corporation": N_("Housing corporation"),
    "institution": N_("Institution"),
    "company": N_("Company"),
    "other": N_("Other"),
}
KIND_WORDS = {
    "event": N_("Event"),
    "learning_community": N_("Learning community"),
    "training": N_("Training"),
    "network_meeting": N_("Network meeting"),
}
ROLES = {
    "session_host": N_("host"),
    "day_host": N_("day host"),
    "keynote": N_("speaker"),
    "table_guest": N_("table guest"),
    "interviewer": N_("interviewer"),
    "guest": N_("guest"),
    "opener": N_("opens the day"),
}
BLOCKS = {
    "plenary": N_("Plenary"),
    "welcome": N_("Welcome"),
    "break": N_("Break"),
    "discussion": N_("Discussion"),
    "round": N_("Round of sessions"),
}


def worded(options: dict[str, str]) -> list[SelectChoice]:
    """Choices with their words in the reader's language, translated when shown."""
    return [SelectChoice(key, _l(words)) for key, words in options.items()]


UNITS = {"organisation": N_("organisation"), "seat": N_("seat"), "person": N_("person")}
AUDIENCES = {"everybody": N_("everybody"), "partner": N_("partners of the network"), "other": N_("who is no partner")}
VAT = {"": N_("not known yet"), "S": N_("with VAT"), "E": N_("exempt"), "O": N_("outside the scope of VAT")}
PARTY_ROLES = {"initiator": N_("initiator"), "executing": N_("carries it out")}


class DeskForm(Form):
    """A form at the desk. `seen` marks what the row held when the form was made, so that nobody overwrites unseen."""

    seen = HiddenField()


class StartForm(DeskForm):
    """A new programme: its kind, its name, and a sensible start for that kind."""

    kind = RadioField(_l("What are you planning?"), choices=worded(KIND_WORDS), default="event")
    title_nl = Line(_l("Title"), required=True, max=200)
    days = Lines(_l("Days"), max=2000)
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    rounds = Count(_l("How many rounds of parallel sessions?"))
    rooms = Count(_l("How many rooms side by side?"))
    first_round = Clock(_l("First round at"))
    minutes = Count(_l("Minutes for each round"))
    parts = Lines(_l("Modules or slots, one on each line"), max=4000)

    def validate_rounds(self, field: Any) -> None:
        """At most 12 rounds."""
        if field.value and field.value > 12:
            raise StopValidation(gettext("Enter at most %(most)d.", most=12))

    def validate_rooms(self, field: Any) -> None:
        """At most 60 rooms."""
        if field.value and field.value > 60:
            raise StopValidation(gettext("Enter at most %(most)d.", most=60))

    def validate_minutes(self, field: Any) -> None:
        """From 5 minutes to 8 hours."""
        if field.value is not None and not 5 <= field.value <= 480:
            raise StopValidation(gettext("Enter between %(least)d and %(most)d minutes.", least=5, most=480))


class CopyForm(DeskForm):
    """A copy of a programme."""

    title_nl = Line(_l("Title of the copy"), max=200)
    sessions = BooleanField(_l("Copy the sessions"), default=True)
    people = BooleanField(_l("Copy who takes part in them"))


class TitledForm(DeskForm):
    """A form that needs a title in one of the two languages."""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Everything has the right shape, and there is a title."""
        right = bool(super().validate(*args, **kwargs))
        title = self["title_nl"]
        if not title.data and not self["title_en"].data:
            title.errors = [*title.errors, gettext("Fill in a title in Dutch or in English.")]
            return False
        return right


class ProgrammeForm(TitledForm):
    """What a programme says of itself, and who may do what when."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    kind_words_nl = Line(_l("What you call it, in Dutch"), required=False, max=60)
    kind_words_en = Line(_l("What you call it, in English"), required=False, max=60)
    summary_nl = Lines(_l("Summary in Dutch"), max=600)
    summary_en = Lines(_l("Summary in English"), max=600)
    text_nl = Markdown(_l("Text in Dutch"), max=LONG)
    text_en = Markdown(_l("Text in English"), max=LONG)
    note_nl = Lines(_l("Note in Dutch"), max=1000)
    note_en = Lines(_l("Note in English"), max=1000)
    target_groups = Lines(_l("For whom, one on each line"), max=2000)
    target_groups_en = Lines(_l("For whom, in English"), max=2000)
    questions = Lines(_l("Questions it answers, one on each line"), max=4000)
    questions_en = Lines(_l("Questions it answers, in English"), max=4000)
    language = SelectField(_l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")])
    registration_opens_at = LocalMoment(_l("Registration opens"))
    registration_closes_at = LocalMoment(_l("Registration closes"))
    choosing_opens_at = LocalMoment(_l("Choosing sessions opens"))
    choosing_closes_at = LocalMoment(_l("Choosing sessions closes"))
    partners_choose_at = LocalMoment(_l("Partners of the network may choose earlier, from"))
    moving_up = SelectField(
        _l("When a place comes free for who waits"),
        choices=worded({"at_once": N_("it is theirs at once"), "offer": N_("they get an offer to accept in time")}),
    )
    offer_hours = Count(_l("An offer holds for so many hours, from 1 to 168"))
    offer_lapsed = SelectField(
        _l("Who lets an offer pass"),
        choices=worded({"last": N_("waits on, as the last"), "off": N_("is off the waiting list")}),
    )
    moving_up_stops = Count(_l("Moving up from waiting lists stops so many hours before a round begins"))
    repeats_allowed = BooleanField(_l("People may attend the same workshop twice"))
    by_delegation = BooleanField(_l("Organisations take part with a delegation"))
    seats_min = Count(_l("Least people of a delegation at each meeting"))
    seats_max = Count(_l("Most people of a delegation at each meeting"))
    delegations_max = Count(_l("Most organisations, empty is no limit; the others wait in order"))
    delegations_approved = BooleanField(_l("Staff say yes to each organisation"))
    wished_mix = Lines(_l("On whose behalf people should come to each meeting, one on each line; advice only"), max=1000)
    reminder_days = Lines(_l("Remind of open seats so many days before names close, one number on each line"), max=60)
    late_substitutes = BooleanField(_l("A substitute may come after the deadline"))
    substitutes_approved = BooleanField(_l("After the deadline staff say yes to each substitute"))
    seats_go_on = BooleanField(_l("A seat that is given back goes to the next organisation that asked for one"))
    by_invitation = BooleanField(_l("One can register only with a code that invites"))
    conditions_nl = Markdown(_l("Conditions that one agrees to, in Dutch"), max=LONG)
    conditions_en = Markdown(_l("Conditions that one agrees to, in English"), max=LONG)
    reference = SelectField(
        _l("Which day decides the price"),
        choices=worded({"registration": N_("the day of registering"), "first_meeting": N_("the day of the first meeting")}),
    )

    def validate_reminder_days(self, field: Any) -> None:
        """Days from 1 to 60, at most four of them, the earliest reminder first."""
        lines = (field.data or "").split()
        if not all(line.isascii() and line.isdigit() and 1 <= int(line) <= 60 for line in lines) or len(lines) > 4:
            raise StopValidation(gettext("Enter at most four numbers from 1 to 60, one on each line."))
        field.data = "\n".join(str(day) for day in sorted({int(line) for line in lines}, reverse=True))

    def validate_offer_hours(self, field: Any) -> None:
        """From an hour to a week."""
        if field.value is not None and not 1 <= field.value <= MOST_OFFER_HOURS:
            raise StopValidation(gettext("Enter 1 to 168 hours: at most a week."))

    def validate_seats_max(self, field: Any) -> None:
        """Not below the least."""
        if (field.value or 0) < (self.seats_min.value or 0):
            raise StopValidation(gettext("Enter at least as many as the least."))


class MeetingForm(DeskForm):
    """One gathering."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    on = Day(_l("Day"))
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    venue_id = Pick(_l("Venue"))
    online = BooleanField(_l("Online"))
    join_url = WebAddress(_l("Join link, for those who take part only"))
    capacity = Count(_l("Places, empty is no limit"))
    nominations_close_at = LocalMoment(_l("Naming people closes"))
    text_nl = Lines(_l("Text in Dutch"), max=4000)
    text_en = Lines(_l("Text in English"), max=4000)

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


class PartForm(PlainForm):
    """Somebody who takes part: a name, or an organisation alone."""

    name = StringField(_l("Name"), filters=[clean])
    affiliation = StringField(_l("Organisation"), filters=[clean])
    role = SelectField(_l("Role"), choices=worded(ROLES))

    def validate_name(self, field: Any) -> None:
        """Not too long."""
        if len(field.data) > 120 or len(self.affiliation.data) > 160 or "\0" in field.data + self.affiliation.data:
            raise StopValidation(gettext("Use at most %(max)d characters.", max=120))


class Parts(FieldList):  # type: ignore[misc]
    """The people of a session or a block, with empty lines for more."""

    def __init__(self, label: Any, **kw: Any) -> None:
        from wtforms import FormField

        super().__init__(FormField(PartForm), label, min_entries=0, max_entries=40, **kw)

    @property
    def value(self) -> list[dict[str, str]]:
        """Who takes part, without the empty lines."""
        return [line for line in self.data if line["name"] or line["affiliation"]]


class BlockForm(DeskForm):
    """A block of a meeting, or a round of sessions."""

    meeting_id = Pick(_l("Meeting"))
    kind = SelectField(_l("What is it?"), choices=worded(BLOCKS))
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    text_nl = Lines(_l("Text in Dutch"), max=4000)
    text_en = Lines(_l("Text in English"), max=4000)
    filling = SelectField(
        _l("How a round is filled"),
        choices=worded({"first_come": N_("first come, first served"), "draw": N_("by draw")}),
    )
    parts = Parts(_l("Who takes part"))

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


class SessionForm(TitledForm):
    """A workshop, and one giving of it."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    abstract_nl = Markdown(_l("Text in Dutch"), max=LONG)
    abstract_en = Markdown(_l("Text in English"), max=LONG)
    theme_id = Pick(_l("Theme"))
    parts = Parts(_l("Who takes part"))
    round_id = Pick(_l("Round"))
    room_id = Pick(_l("Room"))
    capacity = Count(_l("Places, empty is no limit, 0 is closed"))
    minimum = Count(_l("Least people to go on"))
    text_nl = Markdown(_l("Only for this giving, in Dutch"), max=LONG)
    text_en = Markdown(_l("Only for this giving, in English"), max=LONG)
    join_url = WebAddress(_l("Join link, for those who take part only"))
    asks_questions = BooleanField(_l("People may send questions beforehand"))


class VenueForm(DeskForm):
    """A building."""

    name = Line(_l("Name"))
    street = Line(_l("Street and number"), required=False)
    postcode = Line(_l("Postcode"), required=False, max=12)
    city = Line(_l("City"), required=False)
    map_url = WebAddress(_l("Link to a map"))
    access_nl = Lines(_l("How to get in, in Dutch"))
    access_en = Lines(_l("How to get in, in English"))


class RoomForm(DeskForm):
    """A room of a venue."""

    venue_id = Pick(_l("Venue"))
    name = Line(_l("Name"), max=80)
    capacity = Count(_l("How many people fit"))
    access_nl = Lines(_l("How to get in, in Dutch"))
    access_en = Lines(_l("How to get in, in English"))


class SpeakerForm(DeskForm):
    """A public profile."""

    name = PersonName(_l("Name"))
    affiliation = OrganisationName(_l("Organisation"), required=False)
    function_nl = Line(_l("Function in Dutch"), required=False)
    function_en = Line(_l("Function in English"), required=False)
    biography_nl = Markdown(_l("Biography in Dutch"), max=LONG)
    biography_en = Markdown(_l("Biography in English"), max=LONG)


class ThemeForm(DeskForm):
    """A field of work."""

    name_nl = Line(_l("Name in Dutch"), max=60)
    name_en = Line(_l("Name in English"), required=False, max=60)
    glyph = SelectField(_l("Mark"))


class ModuleForm(DeskForm):
    """A part of a training."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    text_nl = Markdown(_l("Text in Dutch"), max=LONG)
    text_en = Markdown(_l("Text in English"), max=LONG)
    goals = Lines(_l("Learning goals, one on each line"), max=4000)
    goals_en = Lines(_l("Learning goals in English"), max=4000)


def amount_of(text: str) -> Decimal | None:
    """An amount as people write it (2.500 euro, € 395,-, 2.500,00) in euros; None when it is none."""
    bare = text.lower().replace("euro", "").replace("€", "").replace("eur", "").replace(" ", "").replace("\u00a0", "")
    bare = bare.removesuffix(",-").removesuffix(",--").removesuffix(",—")
    if "," in bare or bare.count(".") > 1 or (bare.count(".") == 1 and len(bare.rpartition(".")[2]) == 3):
        bare = bare.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(bare) if bare.replace(".", "", 1).isdigit() and bare.isascii() else None
    except InvalidOperation:
        return None
    if amount is None or amount != amount.quantize(Decimal("0.01")) or amount >= 10_000_000:
        return None
    return amount.quantize(Decimal("0.01"))


class Amount(StringField):
    """An amount in euros as people write it."""

    def __init__(self, label: Any, *, required: bool = True, **kw: Any) -> None:
        super().__init__(label, [self._check], filters=[clean], **kw)
        self.required = self.flags.required = required

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if amount_of(field.data or "") is None and (field.required or field.data):
            raise StopValidation(gettext("Enter an amount like 2.500,00."))

    @property
    def value(self) -> Decimal | None:
        """The amount in euros."""
        return amount_of(self.data or "")


class TariffForm(DeskForm):
    """A price excluding VAT."""

    amount = Amount(_l("Amount in euros, excluding VAT"))
    unit = SelectField(_l("For each"), choices=worded(UNITS))
    audience = SelectField(_l("For whom"), choices=worded(AUDIENCES))
    level = Line(_l("Only for partners of this level"), required=False, max=60)
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))
    vat_category = SelectField(_l("VAT"), choices=worded(VAT))
    vat_rate = StringField(_l("Rate in percent"), [Optional()], filters=[clean])
    vat_ground = Line(_l("Ground for no VAT"), required=False)

    def validate_level(self, field: Any) -> None:
        """Partners have a level, others have none."""
        if field.data and self.audience.data != "partner":
            raise StopValidation(gettext("Only partners have a level. Choose partners of the network, or leave this empty."))

    def validate_vat_rate(self, field: Any) -> None:
        """9 or 21, when there is VAT."""
        if self.vat_category.data == "S" and field.data.replace(",", ".") not in ("9", "21", "9.00", "21.00"):
            raise StopValidation(gettext("Enter 9 or 21."))

    def validate_vat_category(self, field: Any) -> None:
        """VAT needs its rate; without VAT the ground stands on the invoice (Wet OB art. 35a)."""
        if field.data in ("E", "O") and not self.vat_ground.data:
            raise StopValidation(gettext("Say on what ground there is no VAT. It stands on the invoice."))
        if field.data == "S" and not self.vat_rate.data:
            raise StopValidation(gettext("Enter the rate too: 9 or 21."))


class CodeForm(DeskForm):
    """A code for a discount or an invitation."""

    code = Line(_l("Code that people type"), max=40)
    note = Line(_l("For whom it is, for staff only"), required=False)
    percent = Count(_l("Discount in percent"))
    off = Amount(_l("Or an amount off, in euros excluding VAT"), required=False)
    invites = BooleanField(_l("It invites: with it one can register where that is by invitation only"))
    most = Count(_l("How many times it can be used, empty is no limit"))
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))

    def validate_code(self, field: Any) -> None:
        """Letters and digits, so that it can be said and typed."""
        field.data = code_key(field.data or "")
        if not field.data.replace("-", "").isalnum():
            raise StopValidation(gettext("Use letters, digits and hyphens."))

    def validate_percent(self, field: Any) -> None:
        """One to a hundred."""
        if field.value is not None and not 1 <= field.value <= 100:
            raise StopValidation(gettext("Enter 1 to 100 percent."))

    def validate_off(self, field: Any) -> None:
        """An amount, or a percentage, or none of them when it invites."""
        if self.percent.errors:
            return
        if field.value is not None and self.percent.value is not None:
            raise StopValidation(gettext("Enter a percentage or an amount, not both."))
        if field.value is not None and not field.value:
            raise StopValidation(gettext("Enter an amount above zero, or leave this empty."))
        if field.value is None and self.percent.value is None and not self.invites.data:
            raise StopValidation(gettext("Enter a discount, or say that the code invites."))


class OrganisationForm(DeskForm):
    """A city, housing corporation, institution or company."""

    name = OrganisationName(_l("Name"))
    kind = SelectField(_l("Kind"), choices=worded(ORGANISATION_KINDS))
    also = Lines(_l("Other names, one on each line; also of what became part of it"), max=2000)
    language = SelectField(_l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")])
    kvk = Line(_l("KvK number (8 digits)"), required=False, max=12)
    oin = Line(_l("OIN (20 digits)"), required=False, max=30)
    vat_id = Line(_l("VAT number"), required=False, max=30)
    legal_name = Line(_l("Name on an invoice"), required=False)
    street = Line(_l("Street and number"), required=False)
    postcode = Line(_l("Postcode"), required=False, max=12)
    city = Line(_l("City"), required=False)
    finance_mail = Mail(_l("Mail address for invoices"), required=False)
    endpoint = Line(_l("Address for e-invoices: 0190:OIN, 0106:KvK number or 9944:VAT number"), required=False, max=40)
    mail_domains = Lines(_l("Mail domains of its people, one on each line: they are offered this organisation"), max=2000)

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
            raise StopValidation(gettext("This is no OIN: it has twenty digits, and the number inside it must be right."))

    def validate_vat_id(self, field: Any) -> None:
        """NL, nine digits, B and two digits, with a right check."""
        field.data = "".join((field.data or "").split()).replace(".", "").upper()
        if field.data and not is_vat_id(field.data):
            raise StopValidation(gettext("This is no VAT number. Write it like NL123456789B01."))

    def validate_endpoint(self, field: Any) -> None:
        """A known scheme with a right number."""
        field.data = "".join((field.data or "").split()).upper()
        if field.data and not is_endpoint(field.data):
            raise StopValidation(gettext("Write 0190: and an OIN, 0106: and a KvK number, or 9944: and a VAT number."))

    def validate_mail_domains(self, field: Any) -> None:
        """Domains that belong to an organisation, not those where everybody has an address."""
        lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        for line in lines:
            domain = mail_domain(line)
            if not domain:
                raise StopValidation(gettext("“%(line)s” is no mail domain. Write it like zutphen.nl.", line=line))
            if domain in SHARED_DOMAINS:
                words = gettext("Everybody can have an address at %(domain)s. Leave it out.", domain=domain)
                raise StopValidation(words)
        field.data = "\n".join(dict.fromkeys(mail_domain(line) for line in lines))


class PartnershipForm(DeskForm):
    """An organisation is partner of the network."""

    organisation_id = Pick(_l("Organisation"), validators=[DataRequired(_l("Choose the organisation."))])
    from_on = Day(_l("Partner from"), required=True)
    until_on = Day(_l("Until, empty: without end"))
    level = Line(_l("Level, when your network has levels"), required=False, max=60)


class PartyForm(DeskForm):
    """An organisation behind the programme."""

    name = Line(_l("Name"))
    role = SelectField(_l("Role"), choices=worded(PARTY_ROLES))


class ReleaseForm(DeskForm):
    """A release."""

    name = Line(_l("Name of the release"), max=120)
    note = Lines(_l("What is it about?"), max=2000)
    again_until = LocalMoment(_l("Who loses a seat may choose again until"))
    sure = BooleanField(_l("I have seen the serious warnings"))
    leave_placed = BooleanField(_l("Leave who is placed, and let nobody in until there are fewer people than places"))


class BrandForm(DeskForm):
    """How an organiser shows itself, and at which address."""

    name = OrganisationName(_l("Name"))
    plate = Line(_l("Letters on the sign"), max=4)
    brand_colour = Colour(_l("First colour: buttons, signs and links"))
    accent_colour = Colour(_l("Second colour: accents"))
    mail = Mail(_l("Address to which people reply"), required=False)
    domain = HostName(_l("Own domain for the public pages"))


class LogoForm(DeskForm):
    """A logo."""

    logo = FileField(_l("Logo (PNG, JPG or WebP)"))


class CancelForm(DeskForm):
    """Something does not go on: what its people read about it."""

    note = Lines(_l("What do you want to say about it?"), max=2000)


class CancelSessionForm(CancelForm):
    """The same for a session, where people lose a seat."""

    again_until = LocalMoment(_l("Who loses a seat may choose again until"))


class MoveForm(DeskForm):
    """Put a session in another round or room."""

    session = HiddenField()
    round = Pick(_l("Round"))
    room = Pick(_l("Room"))


class StretchForm(DeskForm):
    """When a round begins and ends."""

    round = HiddenField()
    start = Clock(_l("Starts at"), required=True)
    end = Clock(_l("Ends at"))

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


class SuggestForm(DeskForm):
    """How free the computer is in proposing a grid."""

    how = RadioField(_l("How free is it?"), choices=worded(HOW), default="rest")


class HandInForm(DeskForm):
    """What a speaker says of the own person; the sessions' texts are added by `hand_in_form`."""

    affiliation = OrganisationName(_l("Organisation"), required=False)
    function_nl = Line(_l("Function in Dutch"), required=False)
    function_en = Line(_l("Function in English"), required=False)
    biography_nl = Markdown(_l("About you in Dutch"), max=4000)
    biography_en = Markdown(_l("About you in English"), max=4000)


class NeedsForm(DeskForm):
    """What only the organiser reads, and the words for the photo."""

    photo_alt_nl = Line(_l("What is on your photo, in Dutch"), required=False, max=200)
    photo_alt_en = Line(_l("What is on your photo, in English"), required=False, max=200)
    needs = Lines(_l("What you need: equipment, room, access, food"), max=2000)


def hand_in_form(workshops: Iterable[tuple[int, str]]) -> type[HandInForm]:
    """The form of a speaker with these workshops, by id and title."""
    fields: dict[str, Any] = {}
    for id, title in workshops:
        fields[f"abstract_nl_{id}"] = Markdown(_l("%(title)s: text in Dutch", title=title), max=LONG)
        fields[f"abstract_en_{id}"] = Markdown(_l("%(title)s: text in English", title=title), max=LONG)
    return type("SpeakersForm", (HandInForm,), fields)


class PhotoForm(DeskForm):
    """A photo, and which part of it stays."""

    photo = FileField(_l("Photo (JPG, PNG or WebP)"))
    keep = SelectField(
        _l("It is cut to a square. Which part stays?"),
        choices=worded({"middle": N_("the middle"), "start": N_("the top or the left"), "end": N_("the bottom or the right")}),
    )


class SpeakerPhotoForm(PhotoForm):
    """The same at the desk, with the words for it."""

    alt_nl = Line(_l("What is on the photo, in Dutch"), required=False, max=200)
    alt_en = Line(_l("What is on the photo, in English"), required=False, max=200)


class SlidesForm(DeskForm):
    """A file for the organiser."""

    slides = FileField(_l("Slides or a handout (PDF, pptx, odp, docx)"))


class AskForm(DeskForm):
    """Ask a speaker to hand in."""

    mail = Mail(_l("E-mail address"))
    language = SelectField(_l("Language of the mail"), choices=worded({"nl": N_("Dutch"), "en": N_("English")}))


class AnswerForm(DeskForm):
    """Send back what a speaker handed in."""

    remark = Lines(_l("What should be different?"), required=True, max=2000)


MANY_WORDS = {
    "round_id": N_("Put them in a round"),
    "room_id": N_("Put them in a room"),
    "theme_id": N_("Give them a theme"),
    "capacity": N_("Give them so many places"),
    "minimum": N_("Give them a minimum"),
    "away": N_("Take them away"),
}


def many_form(names: Iterable[str]) -> type[DeskForm]:
    """The form for many rows at once: which of these to change, or to take the rows away."""
    kinds = {
        "round_id": lambda: Pick(_l("Round")),
        "room_id": lambda: Pick(_l("Room")),
        "theme_id": lambda: Pick(_l("Theme")),
        "capacity": lambda: Count(_l("How many places, empty is not known or no limit")),
        "minimum": lambda: Count(_l("Least people to go on")),
    }
    todo = {name: MANY_WORDS[name] for name in (*names, "away")}
    do = RadioField(_l("What should happen?"), choices=worded(todo), default=None if names else "away")
    return type("ManyForm", (DeskForm,), {"do": do, **{name: kinds[name]() for name in names}})


class ImportForm(DeskForm):
    """A list from a spreadsheet: a file, or what was copied from it."""

    file = FileField(_l("Choose a file"))
    text = Lines(_l("Or paste the table here, with its heads"), max=400_000)


class ContactLineForm(DeskForm):
    """What a list says of a contact."""

    name = PersonName(_l("Name"))
    mail = Mail(_l("E-mail address"))


class RowForm(DeskForm):
    """A button on one row."""


class BringForm(DeskForm):
    """A programme from elsewhere: a text, or a file."""

    text = Lines(_l("Paste the programme here"), max=400_000)
    file = FileField(_l("Or choose a file"))
