"""A city registers at its price, sends people to a meeting, swaps one, and gets its invoice."""

from flask import Flask
from flask.testing import FlaskClient

from learning.billing.documents import make_due
from learning.kit.db import db
from tests.browse import form_of, links, send, words_of
from tests.stories.world import browser_of, last_mail, mails, path_in

COMMUNITY = "/nl/programmes/vitale-wijken"


def delegation_page(client: FlaskClient) -> str:
    """The path of the delegation on the overview."""
    return next(a for a in links(client.get("/nl/me").text) if "/delegations/" in a)


def test_a_price_is_shown_with_its_reason_before_it_is_accepted(demo: Flask):
    client = browser_of(demo, "attendee")
    first = send(client, f"{COMMUNITY}/delegation", city="gemeente LEEUWARDEN", order_ref="PO 7")
    asked = words_of(first.text)
    assert "Prijs voor Leeuwarden" in asked
    assert "exclusief btw: de prijs voor" in asked

    form = form_of(first.text)["values"]
    unticked = client.post(f"{COMMUNITY}/delegation", data=form)
    assert unticked.status_code == 422
    assert "akkoord" in words_of(unticked.text)

    done = client.post(
        f"{COMMUNITY}/delegation", data={**form, "accept": "y", "agree": "y"}, follow_redirects=True
    )
    assert "Delegatie Leeuwarden" in words_of(done.text)
    assert "moet deze delegatie nog bevestigen" in words_of(done.text)


def test_a_new_contact_registers_a_city_without_an_account(demo: Flask):
    stranger = demo.test_client()
    public = stranger.get(COMMUNITY).text
    door = next(a for a in links(public) if a.endswith("/delegation"))  # straight to the form
    who = {"city": "Leeuwarden", "name": "Nynke de Jong", "mail": "nynke@bureau.example"}
    shown = send(stranger, door, **who)
    assert "Prijs voor Leeuwarden" in words_of(shown.text)
    form = form_of(shown.text)["values"] | {"accept": "y", "agree": "y"}
    sent = stranger.post(door, data=form, follow_redirects=True)
    assert "Kijk in je e-mail" in words_of(sent.text)

    subject, text = last_mail("nynke@bureau.example")
    assert "Bevestig je e-mailadres" in subject
    assert "Nynke" not in text
    looked = stranger.get(path_in(text, "/confirmations/"))
    confirmed = stranger.post(looked.request.path, data=form_of(looked.text)["values"], follow_redirects=True)
    inside = stranger.post(
        confirmed.request.path, data=form_of(confirmed.text)["values"], follow_redirects=True
    )
    assert "Delegatie Leeuwarden" in words_of(inside.text)
    assert "moet deze delegatie nog bevestigen" in words_of(inside.text)

    staff = browser_of(demo, "staff")
    page = staff.get("/manage/platform31/programmes/vitale-wijken/delegations").text
    assert "Aanvraag, houdt geen plek vast" in words_of(page)
    confirm = page[page.index("Nynke") :].split("/confirmation")[0].rpartition('"')[2] + "/confirmation"
    staff.post(confirm, data=form_of(page)["values"])
    assert "Noem iemand" in words_of(stranger.get(delegation_page(stranger)).text)


def test_an_unknown_city_keeps_what_was_typed(demo: Flask):
    client = browser_of(demo, "attendee")

    page = send(client, f"{COMMUNITY}/delegation", city="Atlantis", order_ref="PO 7")

    assert page.status_code == 422
    assert form_of(page.text)["values"]["city"] == "Atlantis"
    assert form_of(page.text)["values"]["order_ref"] == "PO 7"


def test_staff_confirm_and_then_names_can_be_given(demo: Flask):
    asker = browser_of(demo, "attendee")
    form = form_of(send(asker, f"{COMMUNITY}/delegation", city="Leeuwarden").text)["values"]
    asker.post(f"{COMMUNITY}/delegation", data={**form, "accept": "y", "agree": "y"})
    staff = browser_of(demo, "staff")
    desk = "/manage/platform31/programmes/vitale-wijken/delegations"
    page = staff.get(desk).text
    confirm = page.split("/confirmation")[0].rpartition('"')[2] + "/confirmation"

    done = staff.post(confirm, data=form_of(page)["values"], follow_redirects=True)

    assert "Leeuwarden doet mee" in words_of(done.text)
    assert "Noem iemand" in words_of(asker.get(delegation_page(asker)).text)


def test_three_people_to_a_meeting_and_one_is_swapped(demo: Flask):
    client = browser_of(demo, "contact", "Zutphen")
    own = delegation_page(client)
    page = client.get(own).text
    nominate = [a for a in links(page) if a.endswith("/nominations")][-1]
    for n in (1, 2, 3):
        sent = send(
            client, nominate, name=f"Collega {n}", mail=f"collega{n}@zutphen.example", capacity="resident"
        )
        assert f"Collega {n}" in words_of(sent.text)
    full = send(client, nominate, name="Collega 4", mail="collega4@zutphen.example", capacity="resident")
    assert full.status_code == 409
    assert "Wie vervang je?" in words_of(full.text)

    page = client.get(own).text
    swap = next(a for a in links(page[page.index("Collega 2") :]) if "substitution" in a)
    after = words_of(
        send(client, swap, name="Vera Vervanger", mail="vera@zutphen.example", capacity="resident").text
    )

    assert "Vera Vervanger" in after
    assert "Collega 2 vervangen" in after
    assert "Je hoeft niet te komen" in last_mail("collega2@zutphen.example")[0]
    assert "/registrations/" in last_mail("vera@zutphen.example")[1]
    gone = client.get(swap)
    assert gone.status_code == 404


def test_a_closed_meeting_says_until_when(demo: Flask):
    client = browser_of(demo, "contact", "Zutphen")
    own = delegation_page(client)
    nominate = next(a for a in links(client.get(own).text) if a.endswith("/nominations"))
    number = int(nominate.split("/meetings/")[1].split("/")[0])
    past = nominate.replace(f"/meetings/{number}/", "/meetings/2/")

    page = send(client, past, name="Te Laat", mail="laat@zutphen.example", capacity="resident")

    assert page.status_code == 409
    assert "begon op" in words_of(page.text)


def test_another_city_sees_nothing(demo: Flask):
    groningen, zutphen = browser_of(demo, "contact", "Groningen"), browser_of(demo, "contact", "Zutphen")
    theirs = delegation_page(groningen)

    assert groningen.get(theirs).status_code == 200
    assert zutphen.get(theirs).status_code == 404
    assert demo.test_client().get(theirs).status_code == 302


def test_the_city_gets_one_correct_invoice(demo: Flask):
    finance = browser_of(demo, "finance")
    desk = "/manage/platform31/programmes/vitale-wijken/delegations"
    page = finance.get(desk).text
    row = page[page.index("Groningen") :]
    make = row.split("/invoices")[0].rpartition('"')[2] + "/invoices"
    draft = finance.post(make, data=form_of(page)["values"], follow_redirects=True)
    words = words_of(draft.text)
    assert "Concept" in words
    assert "€ 3.025,00" in words  # 2.500 for partners and 21 % VAT
    issue = draft.text.split("/issue")[0].rpartition('"')[2] + "/issue"

    issued = finance.post(issue, data=form_of(draft.text)["values"], follow_redirects=True)
    assert "2026-00001" in words_of(issued.text)
    pdf = issue.replace("/issue", ".pdf")
    assert finance.get(pdf).status_code == 409
    make_due()
    db.session.remove()

    got = finance.get(pdf)
    assert got.data.startswith(b"%PDF")
    assert "filename=factuur-2026-00001.pdf" in got.headers["Content-Disposition"]
    assert mails("facturen@groningen.example") == 1
    contact = browser_of(demo, "contact", "Groningen")
    own = "/nl/invoices/" + pdf.rpartition("/")[2]
    assert contact.get(own).data == got.data
    assert "Factuur 2026-00001 € 3.025,00 inclusief btw" in words_of(contact.get("/nl/me").text)
    assert browser_of(demo, "contact", "Zutphen").get(own).status_code == 404
