"""The story of an installation from nothing to its first
invoice, told once for every kind of browser and machine.
"""

import re
import time
from datetime import date, timedelta
from typing import Protocol

OWNER, EDITOR = "noor@buurtkring.example", "sem@buurtkring.example"
CONTACT, GUEST = "nynke@zwolle.example", "otto@zwolle.example"
BEGIN = {"name": "Noor Bakker", "mail": OWNER, "organiser": "Buurtkring Oost"}
PASSWORD = "een lange zin van mij"
DESK = "/manage/buurtkring-oost"
COMMUNITY = "/nl/programmes/vitale-wijken"
NUMBER = f"{date.today().year}-00001"
OFFICE = {"street": "Dorpsstraat 1", "postcode": "8011 AB", "city": "Zwolle"}
IDENTITY = OFFICE | {
    "legal_name": "Stichting Buurtkring Oost", "kvk": "12345678", "vat_category": "S",
    "vat_id": "NL123456782B90",
    "iban": "NL91 ABNA 0417 1643 00", "payment_days": "30",
}  # fmt: skip


class Person(Protocol):
    """Somebody with a browser of their own."""

    def open(self, address: str, status: int = 200) -> str:
        """Go to an address or a path; what they read there."""
        ...

    def send(self, having: str, **typed: str) -> str:
        """Fill in the form of this page that has this field, and press its button; what they read then."""
        ...

    def press(self, button: str) -> str:
        """Press the first button with these words; what they read then."""
        ...

    def link(self, piece: str) -> str:
        """The path of the first link on this page that has this piece."""
        ...

    def fetch(self, path: str) -> bytes:
        """A file."""
        ...


class Place(Protocol):
    """A machine with an installation, its mail and its commands."""

    printed: str  # by `flask prepare`

    def person(self) -> Person:
        """Somebody who was never here."""
        ...

    def work(self) -> None:
        """Let the worker do something."""
        ...

    def mailed(self, to: str, piece: str) -> str:
        """The path of the first address with this piece in the newest mail that somebody got."""
        ...

    def attached(self, to: str) -> bytes:
        """The file that came with the newest mail that has one."""
        ...

    def backup(self) -> None:
        """Make a backup that one key opens."""
        ...

    def move(self) -> None:
        """Lose the machine, and put the backup back on another one; browsers stay as they are."""
        ...


def tell(place: Place) -> None:
    """From an empty database to an invoice; then the machine is lost, and everything comes back."""
    noor = first_start(place)
    mail_and_worker_tick(noor, place)
    sem = colleague_for_one_programme(noor, place)
    publish(sem, place.person())
    nynke = city_by_a_new_contact(place)
    sem.open(f"{DESK}/programmes/vitale-wijken/delegations")
    assert "Zwolle doet mee" in sem.press("Bevestig")
    delegation = nynke.link("/delegations/")
    otto = guest(nynke, delegation, place)
    own = place.mailed(GUEST, "/registrations/")
    calendar = otto.link("/calendars/")
    assert b"Bijeenkomst 1" in otto.fetch(calendar)
    identity(noor)
    invoice = bill(noor, place)
    pdf = noor.fetch(f"{invoice}.pdf")
    assert place.attached(CONTACT) == pdf

    place.backup()
    assert "Er is een recente" in noor.open(f"{DESK}/beginning?step=backup")
    place.move()

    assert "Vitale wijken" in place.person().open(COMMUNITY)
    assert "Otto Gast" in nynke.open(delegation)
    assert "zei ja" in nynke.open(delegation)
    assert "Zwolle draagt je voor" in place.person().open(own)
    assert b"Bijeenkomst 1" in place.person().fetch(calendar)
    again = place.person()
    again.open("/nl/sign-in/password")
    assert "Buurtkring Oost" in again.send("password", mail=OWNER, password=PASSWORD)
    assert NUMBER in again.open(invoice)
    assert again.fetch(f"{invoice}.pdf") == pdf
    assert "Sem Editor" in again.open(f"{DESK}/colleagues")


def soon(place: Place, person: Person, address: str, words: str) -> None:
    """The page says so once the worker did its part."""
    until = time.monotonic() + 30
    while words not in (read := person.open(address)) and time.monotonic() < until:
        place.work()
    assert words in read


def first_start(place: Place) -> Person:
    """The front page of nothing, the printed address, and the desk."""
    assert "nog leeg: er is nog geen organisator" in place.person().open("/nl/programmes")
    found = re.search(r"https?://[^\s/]+(/nl/first-start/\S+)", place.printed)
    assert found, place.printed
    noor = place.person()
    noor.open(found[1])
    begun = noor.send("organiser", **BEGIN, password=PASSWORD, again=PASSWORD)
    assert "Je straat in aanbouw" in begun
    assert "van 7 stappen klaar" in begun
    place.person().open(found[1], status=409)
    return noor


def mail_and_worker_tick(noor: Person, place: Place) -> None:
    """A mail to oneself that arrived, and a worker that runs."""
    noor.open(f"{DESK}/beginning?step=mail")
    noor.press("Stuur proefbericht")
    soon(place, noor, f"{DESK}/beginning?step=mail", f"Verstuurd naar {OWNER} om")
    soon(place, noor, f"{DESK}/beginning?step=worker", "Draait")


def colleague_for_one_programme(noor: Person, place: Place) -> Person:
    """Two programmes are begun; an editor is invited for one of them, and sees the other nowhere."""
    days = [(date.today() + timedelta(days=days)).strftime("%d-%m-%Y") for days in (60, 120)]
    for kind, title in (("learning_community", "Vitale wijken"), ("event", "Dag van Oost")):
        noor.open(f"{DESK}/programmes/new")
        noor.send("title_nl", kind=kind, title_nl=title, days="\n".join(days), start="10.00", end="16.00")
    noor.open(f"{DESK}/colleagues/new")
    noor.send("role", mail=EDITOR, name="Sem Editor", role="editor", limited="y", programmes="Vitale wijken")
    sem = place.person()
    assert "Welkom bij Buurtkring Oost" in sem.open(place.mailed(EDITOR, "/sign-in/invitation/"))
    desk = sem.press("Begin")
    assert "Vitale wijken" in desk
    assert "Dag van Oost" not in desk
    for hidden in ("Collega", "Factuurgegevens", "Naam en kleuren"):
        assert hidden not in desk
    for closed in ("brand", "colleagues", "identity"):
        sem.open(f"{DESK}/{closed}", status=403)
    sem.open(f"{DESK}/programmes/dag-van-oost", status=404)
    return sem


def publish(sem: Person, reader: Person) -> None:
    """A price, a first release, and the page that everybody sees."""
    at = f"{DESK}/programmes/vitale-wijken"
    reader.open(COMMUNITY, status=404)
    sem.open(f"{at}/tariffs/new")
    sem.send(
        "amount",
        amount="1.500,00",
        unit="organisation",
        audience="everybody",
        vat_category="S",
        vat_rate="21",
    )
    sem.open(f"{at}/releases")
    assert "Publicatie 1 is openbaar" in sem.send("name")
    assert "Vitale wijken" in reader.open(COMMUNITY)


def city_by_a_new_contact(place: Place) -> Person:
    """The form, the mailed link, the button; nobody had an account."""
    nynke = place.person()
    nynke.open(COMMUNITY)
    nynke.open(nynke.link("/delegation"))
    shown = nynke.send("city", city="Zwolle", name="Nynke de Jong", mail=CONTACT, order_ref="PO 7")
    assert "1.500" in shown
    assert "Kijk in je e-mail" in nynke.send("city", accept="y")
    assert "Zwolle" in nynke.open(place.mailed(CONTACT, "/confirmations/"))
    nynke.press("Bevestig")
    assert "moet deze delegatie nog bevestigen" in nynke.press("Inloggen")
    return nynke


def guest(nynke: Person, delegation: str, place: Place) -> Person:
    """Somebody is named, and says yes from the mail."""
    nynke.open(delegation)
    nynke.open(nynke.link("/nominations"))
    assert "Otto Gast" in nynke.send("capacity", name="Otto Gast", mail=GUEST, capacity="resident")
    otto = place.person()
    assert "Kom je? Vitale wijken" in otto.open(place.mailed(GUEST, "/invitations"))
    assert "Mijn programma" in otto.send("diet", answer="yes", diet="noten")
    assert "zei ja" in nynke.open(delegation)
    return otto


def identity(noor: Person) -> None:
    """Who the organiser is on its invoices."""
    noor.open(f"{DESK}/identity")
    assert "Alles is ingevuld" in noor.send("iban", **IDENTITY)


def bill(noor: Person, place: Place) -> str:
    """The billing address, the draft, and the invoice that is mailed with its PDF; its path."""
    noor.open(f"{DESK}/programmes/vitale-wijken/delegations")
    noor.open(noor.link("/organisations/"))
    noor.send("legal_name", legal_name="Gemeente Zwolle", **OFFICE)
    noor.open(f"{DESK}/programmes/vitale-wijken/delegations")
    assert "€ 1.815,00" in noor.press("Maak factuur")
    assert NUMBER in noor.press("Maak definitief en mail")
    place.attached(CONTACT)
    noor.open(f"{DESK}/invoices")
    invoice = noor.link("/invoices/")
    assert "De pdf is gemaakt en wordt gemaild" in noor.open(invoice)
    return invoice
