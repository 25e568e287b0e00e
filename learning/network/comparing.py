"""What a line of a list means beside what is known: new, changed, or known as it is.

What is known is read once.

The same is asked twice: to show what would happen, and when it happens. Lines are compared one after the
other, as if each was saved, so that a line may lean on one above it and a line that comes twice is seen.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.network.tables import SEVERAL, keys
from learning.organisations.models import Organisation, OrganisationAlias, Partnership
from learning.organisations.municipalities import municipality_named
from learning.organisations.rules import check_period, names_like, other_names, search_key
from learning.people.models import Contact, Person
from learning.people.rules import fold, mail_key, name_key

# names that are looked at in all to suggest others for those that are not known: that takes time
COMPARED = 200_000
TWICE = N_("This is the same as on line %(line)d. Keep one of the two.")


@dataclass
class Known:
    """An organisation, a contact or a partnership: its
    values as a form has them, and the line that spoke of it.
    """

    id: int | None
    values: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)  # other names by search key
    line: int = 0
    ended: bool = False
    confirmed: bool = True


@dataclass(frozen=True)
class Step:
    """What a line does: `state` is new, changed or same;
    `values` are those that are saved, `changes` name, old, new.
    """

    state: str
    id: int | None
    values: dict[str, str]
    changes: tuple[tuple[str, str, str], ...] = ()
    organisation_id: int | None = None


class Book:
    """All that an organiser knows that a list of this kind is compared with."""

    def __init__(self, organiser_id: int, kind: str) -> None:
        self.kind = kind
        self.organisations = _organisations(organiser_id)
        self.by_name = {search_key(known.values["name"]): known for known in self.organisations}
        self.by_other = {key: known for known in self.organisations for key in known.names}
        self.by_number: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for known in self.organisations:
            self._number(known)
        ids = {known.id: known for known in self.organisations}
        self.contacts = _contacts(organiser_id, ids) if kind == "contacts" else {}
        self.partnerships = _partnerships(organiser_id, ids) if kind == "partnerships" else {}
        self.suggested: dict[str, list[str]] = {}

    def step(self, line: int, values: Mapping[str, str]) -> Step:
        """What this line does, as if it was saved at once; refuses, at its column, what cannot be."""
        compare: dict[str, Callable[[int, Mapping[str, str]], Step]] = {
            "organisations": self._organisation,
            "contacts": self._contact,
            "partnerships": self._partnership,
        }
        return compare[self.kind](line, values)

    def rows(self, only: Collection[int | None] | None = None) -> list[dict[str, str]]:
        """All that is known of this kind, as lines of a list in
        the order of a list; of contacts and partners `only` these.
        """
        if self.kind == "organisations":
            return [known.values for known in self.organisations]
        groups = self.contacts if self.kind == "contacts" else self.partnerships
        order = {known.id: number for number, known in enumerate(self.organisations)}
        there = [(order[key[0]], known) for key, group in groups.items() for known in group]
        first = "name" if self.kind == "contacts" else "from_on"
        there.sort(key=lambda pair: (pair[0], fold(pair[1].values[first])))
        shown = [known for _at, known in there if known.confirmed and not known.ended]
        return [known.values for known in shown if only is None or known.id in only]

    def named(self, typed: str) -> Known:
        """The organisation with this name; refuses with names that are like it."""
        key = search_key(typed)
        known = self.by_name.get(key) or self.by_other.get(key)
        if known is not None:
            return known
        if (
            key not in self.suggested
            and len(self.suggested) * (len(self.by_other) + len(self.by_name)) < COMPARED
        ):
            names = {k: o.values["name"] for k, o in (*self.by_other.items(), *self.by_name.items())}
            self.suggested[key] = names_like(names, typed, most=1)
        for name in self.suggested.get(key, ()):
            words = N_("No organisation is known as “%(typed)s”. Do you mean %(name)s?")
            raise Refusal("not_known", words, "organisation", typed=typed[:60], name=name)
        words = N_("No organisation is known as “%(typed)s”. Make it first, or import it as an organisation.")
        raise Refusal("not_known", words, "organisation", typed=typed[:60])

    def _organisation(self, line: int, values: Mapping[str, str]) -> Step:
        known = self._found(values)
        _once(known, line)
        city = municipality_named(values["name"], date.max) is not None
        blank = dict.fromkeys(keys("organisations"), "") | {"language": "nl", "country": "NL"}
        blank["kind"] = "city" if city else "other"
        was = known.values if known is not None else blank
        now = {**was, **values, "name": _spelled(known, values["name"])}
        key, old = search_key(now["name"]), search_key(was["name"])
        if key != old and key in self.by_name:
            raise Refusal(
                "name_taken", N_("There is one with this name already. Choose another name."), "name"
            )
        names = self._other_names(known, now)
        if known is not None and "also" in values and names.keys() == known.names.keys():
            now["also"] = was["also"]
        if known is None:
            known = Known(None, now)
            self.organisations.append(known)
        changes = _changes("organisations", was, now)
        if changes:
            for gone in known.names:
                self.by_other.pop(gone, None)
            self.by_name.pop(old, None)
            for number in _numbers(was):
                self.by_number[number].remove(known)
            known.values, known.names = now, names
            self.by_name[key] = known
            self.by_other |= dict.fromkeys(names, known)
            self._number(known)
        known.line = line
        return _step(known, was is blank, now, changes)

    def _found(self, values: Mapping[str, str]) -> Known | None:
        """The organisation with this OIN, else with this KvK number, else with this name or other name."""
        key = search_key(values["name"])
        for name in ("oin", "kvk"):
            found = self.by_number.get((name, values.get(name, "")), [])
            same = [
                known for known in found if key == search_key(known.values["name"]) or key in known.names
            ] or found
            if len(same) > 1:
                raise Refusal(
                    "several",
                    N_("More than one organisation has this number. Write the name as we know it."),
                    name,
                )
            if same:
                return same[0]
        return self.by_name.get(key) or self.by_other.get(key)

    def _other_names(self, known: Known | None, now: Mapping[str, str]) -> dict[str, str]:
        municipality = municipality_named(now["name"], date.max) if now["kind"] == "city" else None
        typed = [name.strip("-•* \t") for name in now["also"].split("\n")]
        official = municipality.also if municipality else ()
        asked = {search_key(name): name for name in (*official, *typed)}
        taken = {
            key: other.names[key] for key in asked if (other := self.by_other.get(key)) and other is not known
        }
        return other_names(now["name"], typed, official, taken)

    def _number(self, known: Known) -> None:
        for number in _numbers(known.values):
            self.by_number[number].append(known)

    def _contact(self, line: int, values: Mapping[str, str]) -> Step:
        organisation = self.named(values["organisation"])
        group = self.contacts.setdefault((organisation.id, mail_key(values["mail"])), [])
        named = [known for known in group if name_key(known.values["name"]) == name_key(values["name"])]
        there = named or [known for known in group if known.confirmed and not known.ended]
        if len(there) > 1:
            raise Refusal(
                "several", N_("More than one contact has this address. Write the name as we know it."), "name"
            )
        known = there[0] if there else None
        _once(known, line)
        new = {
            "organisation": organisation.values["name"],
            "name": "",
            "mail": "",
            "language": organisation.values["language"],
        }
        was = known.values if known is not None else new
        now = {**was, **values, "organisation": was["organisation"], "mail": was["mail"] or values["mail"]}
        changes = _changes("contacts", was, now)
        if known is None:
            known = Known(None, now)
            group.append(known)
        elif known.ended or not known.confirmed:
            changes += (("state", "ended" if known.ended else "asked", "confirmed"),)
        known.values, known.line, known.ended, known.confirmed = now, line, False, True
        return _step(known, was is new, now, changes, organisation.id)

    def _partnership(self, line: int, values: Mapping[str, str]) -> Step:
        organisation = self.named(values["organisation"])
        group = self.partnerships.setdefault((organisation.id,), [])
        known = next((known for known in group if known.values["from_on"] == values["from_on"]), None)
        _once(known, line)
        new = {"organisation": organisation.values["name"], "from_on": "", "until_on": "", "level": ""}
        was = known.values if known is not None else new
        now = {**was, **values, "organisation": was["organisation"]}
        check_period(*_period(now), (_period(other.values) for other in group if other is not known))
        if known is None:
            known = Known(None, now)
            group.append(known)
        known.values, known.line = now, line
        return _step(known, was is new, now, _changes("partnerships", was, now), organisation.id)


def _once(known: Known | None, line: int) -> None:
    if known is not None and known.line:
        raise Refusal("twice", TWICE, line=known.line)


def _step(
    known: Known,
    new: bool,
    now: dict[str, str],
    changes: tuple[tuple[str, str, str], ...],
    organisation_id: int | None = None,
) -> Step:
    state = "new" if new else "changed" if changes else "same"
    return Step(state, known.id, now, () if new else changes, organisation_id)


def _spelled(known: Known | None, typed: str) -> str:
    """The name to save: the one that we know when this is another
    name of it, or the same but for a word such as "gemeente".
    """
    if known is None:
        return typed
    name = known.values["name"]
    same = search_key(typed) == search_key(name) and fold(typed) != fold(name)
    return name if same or search_key(typed) in known.names else typed


def _changes(kind: str, was: Mapping[str, str], now: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple((key, was[key], now[key]) for key in keys(kind) if was[key] != now[key])


def _numbers(values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, values[name]) for name in ("oin", "kvk") if values[name]]


def _period(values: Mapping[str, str]) -> tuple[date, date | None]:
    return date.fromisoformat(values["from_on"]), date.fromisoformat(values["until_on"]) if values[
        "until_on"
    ] else None


def _organisations(organiser_id: int) -> list[Known]:
    columns = [key for key in keys("organisations") if key != "also"]
    query = select(Organisation.id, *(getattr(Organisation, key) for key in columns))
    query = query.where(Organisation.organiser_id == organiser_id).order_by(
        Organisation.sort_key, Organisation.id
    )
    names: dict[int, dict[str, str]] = defaultdict(dict)
    others = select(OrganisationAlias.organisation_id, OrganisationAlias.search_key, OrganisationAlias.name)
    others = others.where(OrganisationAlias.organiser_id == organiser_id).order_by(OrganisationAlias.name)
    for id, key, name in db.session.execute(others):
        names[id][key] = name
    found = []
    for id, *row in db.session.execute(query):
        values = {
            key: "\n".join(cell) if key in SEVERAL else cell for key, cell in zip(columns, row, strict=True)
        }
        found.append(Known(id, values | {"also": "\n".join(names[id].values())}, names[id]))
    return found


def _contacts(
    organiser_id: int, organisations: Mapping[int | None, Known]
) -> dict[tuple[Any, ...], list[Known]]:
    who = (Contact.id, Contact.organisation_id, Person.name, Person.mail, Person.language)
    query = select(*who, Contact.confirmed_at, Contact.ended_at).join(Person, Person.id == Contact.person_id)
    groups: dict[tuple[Any, ...], list[Known]] = defaultdict(list)
    rows: Any = db.session.execute(query.where(Contact.organiser_id == organiser_id).order_by(Contact.id))
    for id, of, name, mail, language, confirmed, ended in rows:
        values = {
            "organisation": organisations[of].values["name"],
            "name": name,
            "mail": mail,
            "language": language,
        }
        known = Known(id, values, ended=ended is not None, confirmed=confirmed is not None)
        groups[of, mail_key(mail)].append(known)
    return groups


def _partnerships(
    organiser_id: int, organisations: Mapping[int | None, Known]
) -> dict[tuple[Any, ...], list[Known]]:
    query = select(
        Partnership.id,
        Partnership.organisation_id,
        Partnership.from_on,
        Partnership.until_on,
        Partnership.level,
    )
    groups: dict[tuple[Any, ...], list[Known]] = defaultdict(list)
    for id, of, from_on, until_on, level in db.session.execute(
        query.where(Partnership.organiser_id == organiser_id).order_by(Partnership.id)
    ):
        days = {"from_on": from_on.isoformat(), "until_on": until_on.isoformat() if until_on else ""}
        values = {"organisation": organisations[of].values["name"], **days, "level": level}
        groups[(of,)].append(Known(id, values))
    return groups
