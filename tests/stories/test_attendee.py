"""Somebody finds the Dag van de Buurt, registers, picks
a workshop in each round, and has it in the own calendar.
"""

from flask import Flask

from tests.browse import form_of, links, send, words_of
from tests.stories.world import browser_of, last_mail, path_in, radio

ME = "anna@lezers.example"


def register(app: Flask, name: str = "Anna Voorbeeld", mail: str = ME) -> str:
    """Register by mail as a stranger; gives the path of the own page."""
    client = app.test_client()
    page = client.get("/nl/programmes?q=dag+van+de+buurt").text
    event = next(a for a in links(page) if a.endswith("/programmes/dag-van-de-buurt"))
    form = next(a for a in links(client.get(event).text) if a.endswith("/registration"))
    sent = send(client, form, name=name, mail=mail)
    assert sent.status_code == 200
    confirm = path_in(last_mail(mail)[1], "/confirmations/")
    mine = send(client, confirm)
    assert "Mijn programma" in words_of(mine.text)
    return confirm.replace("/confirmations/", "/registrations/")


def choose(app: Flask, own: str, *codes: str, wait: str = "") -> str:
    """Pick these sessions, waiting for one of them when asked; gives the page that follows."""
    client = app.test_client()
    page = client.get(f"{own}/choices").text
    values = dict(form_of(page)["values"])
    for code in codes:
        name, value = radio(page, code)
        values[name] = value
        if code == wait:
            values[name.replace("round_", "wait_")] = value
    return client.post(f"{own}/choices", data=values, follow_redirects=True).text


def calendar(app: Flask, own: str) -> str:
    """What the calendar that subscribes gets."""
    client = app.test_client()
    page = client.get(own).text
    feed = next(a for a in links(page) if a.startswith("webcal://"))
    answer = client.get("/calendars/" + feed.rpartition("/")[2])
    assert answer.mimetype == "text/calendar"
    return answer.text.replace("\r\n ", "")


def test_from_catalogue_to_calendar(demo: Flask):
    own = register(demo)
    page = words_of(choose(demo, own, "1.07", "2.11"))

    assert "1.07" in page
    assert "Je plek staat vast" in page
    assert "2.11" in page
    subject, text = last_mail(ME)
    assert "1.07" in text
    assert "2.11" in text
    assert "Dag van de Buurt" in subject
    events = calendar(demo, own)
    assert "SUMMARY:De energietransitie als vliegwiel voor een leefbare buurt" in events
    assert "SUMMARY:Lessen uit de stadsvernieuwing voor verduurzaming" in events
    assert "DTSTART;TZID=Europe/Amsterdam:20270128T140000" in events
    assert events.count("BEGIN:VEVENT") == 4  # two sessions, the opening and the closing table


def test_switching_keeps_one_seat_a_round_and_the_calendar_follows(demo: Flask):
    own = register(demo)
    choose(demo, own, "1.07", "2.11")
    choose(demo, own, "1.10")

    events = calendar(demo, own)
    assert "Van initiatief tot impact" in events
    assert "De energietransitie" not in events
    assert "Lessen uit de stadsvernieuwing" in events


def test_the_same_workshop_twice_is_refused_and_nothing_is_lost(demo: Flask):
    own = register(demo)
    choose(demo, own, "1.07")

    page = choose(demo, own, "1.01", "2.09")

    assert "1.01 en 2.09 zijn dezelfde workshop" in words_of(page)
    assert "De energietransitie" in calendar(demo, own)


def test_full_means_wait_and_who_withdraws_makes_room(demo: Flask):
    own = register(demo)
    choose(demo, own, "1.07")
    page = words_of(choose(demo, own, "1.08"))
    assert "1.08" in page
    assert "vol" in page.lower()

    waiting = words_of(choose(demo, own, "1.08", wait="1.08"))
    assert "Wachtlijst van 1.08" in waiting
    assert "1.07" in waiting

    yara = browser_of(demo, "attendee")
    assert words_of(yara.get("/nl/me").text).count("Dag van de Buurt") == 1


def test_withdrawing_frees_everything_and_empties_the_calendar(demo: Flask):
    own = register(demo)
    choose(demo, own, "1.07", "2.11")
    client = demo.test_client()
    feed = next(a for a in links(client.get(own).text) if a.startswith("webcal://")).rpartition("/")[2]

    gone = send(client, f"{own}/withdrawal")

    assert "Je bent niet meer aangemeld" in words_of(gone.text)
    assert client.get(own).status_code == 404
    assert "BEGIN:VEVENT" not in client.get(f"/calendars/{feed}").text
    assert "Dag van de Buurt" in last_mail(ME)[0]


def test_the_own_page_in_english(demo: Flask):
    own = register(demo).replace("/nl/", "/en/")

    page = words_of(demo.test_client().get(own).text)

    assert "My programme" in page
    assert "January 28, 2027" in page
