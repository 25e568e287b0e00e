"""Speakers hand in text, photo, needs and slides by their own
link; nothing is public before staff accept and release it.
"""

import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from PIL.Image import Exif

from learning.desk.removing import remove, restore
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.photos import logo, portraits
from learning.kit.wording import Wording
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.people.models import Account, Throttle
from learning.planning.grid import grid_of
from learning.planning.warnings import warnings_of
from learning.programmes.models import Absence, Photo, Programme, Speaker
from learning.releases.queries import current_picture
from learning.speakers import actions, hand_ins, photos
from learning.speakers.emails import hand_in_token
from learning.speakers.models import HandIn
from tests.browse import send, words_of
from tests.choices.event import change
from tests.make import (
    NOON,
    make_account,
    make_meeting,
    make_organiser,
    make_part,
    make_programme,
    make_round,
    make_session,
    make_speaker,
    make_staff,
    release,
)

HOME = "/manage/ours/programmes/day/hand-ins"


def picture(size: tuple[int, int] = (800, 600), kind: str = "JPEG", colour: str = "red") -> bytes:
    """A photo that says where it was taken."""
    out = io.BytesIO()
    exif = Exif()
    exif[0x010E] = "SECRET PLACE"
    Image.new("RGB", size, colour).save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return out.getvalue()


@pytest.fixture
def programme(app: Flask) -> Programme:
    """A released day with two rounds; Ada leads the session in the first."""
    organiser = make_organiser("ours", mail="bureau@ours.example")
    programme = make_programme(organiser, slug="day")
    meeting = make_meeting(programme)
    session = make_session(make_round(meeting, start="10:00"), title="Alfa")
    make_round(meeting, start="11:00")
    make_part(session, make_speaker(organiser, "Ada Een", affiliation="Gemeente Ede"))
    release(programme)
    return programme


@pytest.fixture
def staff(programme: Programme) -> Account:
    """An editor."""
    account = make_account("staf@x.example")
    make_staff(programme.organiser, account, "editor")
    return account


@pytest.fixture
def ada(programme: Programme) -> Speaker:
    """The speaker."""
    return db.session.query(Speaker).one()


@pytest.fixture
def row(programme: Programme, staff: Account, ada: Speaker) -> HandIn:
    """What was asked of her."""
    return actions.ask(programme, ada, "ada@x.example", "nl", by=staff.id, now=NOON)


@pytest.fixture
def own(row: HandIn) -> str:
    """Her own address."""
    return f"/nl/hand-in/{hand_in_token(row)}"


def mails() -> list[tuple[str, str, str]]:
    """Everything in the outbox: to whom, subject and text."""
    db.session.rollback()
    return [
        (m.address, compose(m)[0]["Subject"], compose(m)[1])
        for m in db.session.query(Message).order_by(Message.id)
    ]


def upload(client: FlaskClient, address: str, **parts: object) -> str:
    """Send a file; the words of the page that follows."""
    answer = client.post(address, data=parts, content_type="multipart/form-data", follow_redirects=True)
    return words_of(answer.text)


def test_asked_handed_in_sent_back_handed_in_accepted_and_released(
    client: FlaskClient,
    programme: Programme,
    staff: Account,
    sign_in: Callable[[Account], FlaskClient],
    ada: Speaker,
):
    desk = sign_in(staff)
    speaker = desk.get(f"{HOME}/{ada.id}")
    assert "nog niet gevraagd" in words_of(speaker.text)
    send(desk, f"{HOME}/{ada.id}", having="mail", mail="ada@x.example", language="nl")
    [(to, subject, text)] = mails()
    assert (to, subject) == ("ada@x.example", f"Je tekst en foto voor {programme.title.nl}")
    own = "/nl/" + next(word for word in text.split() if "/hand-in/" in word).partition("/nl/")[2]
    workshop = programme.workshops[0].id

    nobody = client.application.test_client()
    needs = {"needs": "Een beamer en een rolstoelplek", "away": str(programme.rounds[1].id)}
    done = send(
        nobody,
        own,
        biography_nl="Ada **bouwt** aan de buurt.",
        **{f"abstract_nl_{workshop}": "Kom kijken"},
        **needs,
    )
    assert "Dank je wel" in words_of(done.text)
    assert mails()[-1][:2] == ("bureau@ours.example", f"Ada Een heeft aangeleverd voor {programme.title.nl}")
    db.session.expire_all()
    assert (ada.biography.nl, programme.workshops[0].abstract.nl) == ("", "")

    words = words_of(desk.get(f"{HOME}/{ada.id}").text)
    assert "Ada **bouwt** aan de buurt." in words
    assert "Een beamer en een rolstoelplek" in words
    assert "Vul dit veld in." in words_of(send(desk, f"{HOME}/{ada.id}", having="remark", remark="").text)
    send(desk, f"{HOME}/{ada.id}", having="remark", remark="Graag korter.")
    assert "Graag korter." in mails()[-1][2]
    back = nobody.get(own).text
    assert "Graag korter." in words_of(back)
    assert "Ada **bouwt** aan de buurt." in back

    send(nobody, own, biography_nl="Ada *bouwt*.")
    answer = desk.post(f"{HOME}/{ada.id}/acceptance", data={"seen": "old"}, follow_redirects=True)
    assert "Iemand heeft dit veranderd" in words_of(answer.text)
    assert "Overgenomen" in words_of(send(desk, f"{HOME}/{ada.id}", having="seen").text)
    assert "is geaccepteerd" in mails()[-1][1]
    db.session.expire_all()
    assert ada.biography_html.nl == "<p>Ada <em>bouwt</em>.</p>"
    assert programme.workshops[0].abstract_html.nl == "<p>Kom kijken</p>"

    public = nobody.get("/nl/programmes/day/speakers/ada-een").text
    assert "bouwt" not in public
    release(programme, name="2")
    assert "<em>bouwt</em>" in nobody.get("/nl/programmes/day/speakers/ada-een").text


def test_what_staff_changed_meanwhile_is_not_replaced_unseen_and_one_mail_tells(
    row: HandIn, staff: Account, ada: Speaker
):
    for words in ("Een", "Twee"):
        actions.hand_in(row, {"biography_nl": words}, needs="", away=[], alt=Wording(), done=True, now=NOON)
    seen = hand_ins.seen_of(row)
    change(ada, affiliation="Gemeente Zutphen")

    with pytest.raises(Refusal, match="Somebody changed this"):
        actions.accept(row, seen=seen, by=staff.id, now=NOON)
    assert [to for to, *_ in mails()] == ["ada@x.example", "bureau@ours.example"]


def test_kept_for_later_is_not_handed_in(client: FlaskClient, own: str, row: HandIn):
    send(client, own, biography_nl="Half", next="later")

    db.session.rollback()
    found = db.session.get_one(HandIn, row.id, populate_existing=True)
    assert (found.state, found.texts["biography_nl"]) == ("asked", "Half")
    assert [to for to, *_ in mails()] == ["ada@x.example"]
    with pytest.raises(Refusal, match="Nothing was handed in"):
        actions.accept(found, seen=hand_ins.seen_of(found), by=1, now=NOON)


def test_where_she_cannot_warns_in_the_grid_and_changes_at_the_desk(
    client: FlaskClient, own: str, programme: Programme, staff: Account, ada: Speaker
):
    one, two = (round.id for round in programme.rounds)
    client.post(own, data={"away": [str(one), "999999", "x", "9" * 5000, "²"], "next": "later"})
    db.session.rollback()
    assert [w.kind for w in warnings_of(grid_of(programme)) if w.severity == "serious"] == ["host_away"]

    actions.set_absences(programme, ada, [two], by=staff.id, now=NOON)
    assert [w.kind for w in warnings_of(grid_of(programme)) if w.severity == "serious"] == []
    assert [a.round_id for a in db.session.query(Absence)] == [two]


def test_a_photo_is_made_anew_and_shows_after_accepting_and_releasing(
    client: FlaskClient, own: str, row: HandIn, programme: Programme, staff: Account
):
    words = upload(client, f"{own}/photo", photo=(io.BytesIO(picture()), "ik.jpg"), keep="middle")
    assert "De foto is bewaard" in words
    send(client, own, photo_alt_nl="Ada lacht")
    found = db.session.get_one(HandIn, row.id, populate_existing=True)
    actions.accept(found, seen=hand_ins.seen_of(found), by=staff.id, now=NOON)
    assert "<img" not in client.get("/nl/programmes/day/speakers/ada-een").text.partition("<main")[2]
    release(programme, name="2")

    page = client.get("/nl/programmes/day/speakers/ada-een").text
    assert 'alt="Ada lacht"' in page
    key = current_picture(programme.id).speakers[0].photo  # type: ignore[union-attr]
    sizes = {}
    for size in "sml":
        answer = client.get(f"/photos/{key}-{size}.jpg")
        assert answer.mimetype == "image/jpeg"
        assert b"SECRET PLACE" not in answer.data
        sizes[size] = Image.open(io.BytesIO(answer.data)).size
    assert sizes == {"s": (96, 96), "m": (240, 240), "l": (640, 640)}
    assert client.get("/photos/nothing-s.jpg").status_code == 404


def test_a_photo_that_nobody_holds_goes_away_and_a_released_one_stays(
    client: FlaskClient, own: str, row: HandIn, programme: Programme, staff: Account, ada: Speaker
):
    for colour in ("red", "blue"):
        upload(client, f"{own}/photo", photo=(io.BytesIO(picture(colour=colour)), "ik.jpg"), keep="start")
    db.session.rollback()
    assert db.session.query(Photo).count() == 1
    upload(client, f"{own}/photo", remove="1", keep="middle")
    db.session.rollback()
    assert db.session.query(Photo).count() == 0

    photos.set_photo(ada, portraits(picture(), "end"), Wording("Ada"), by=staff.id, now=NOON)
    release(programme, name="2")
    photos.remove_photo(ada, by=staff.id, now=NOON)
    assert db.session.query(Photo).count() == 1
    release(programme, name="3")
    assert current_picture(programme.id).speakers[0].photo == ""  # type: ignore[union-attr]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HEADER = b"IHDR" + struct.pack(">IIBBBBB", 65_536, 65_536, 8, 6, 0, 0, 0)
BOMB = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + HEADER + struct.pack(">I", zlib.crc32(HEADER))
BOMB += struct.pack(">I", 4) + b"IDAT" + b"\0" * 8


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SVG, "picture_unreadable"),
        (b"", "picture_unreadable"),
        (b"GIF89a" + b"\0" * 50, "picture_unreadable"),
        (picture()[:1500], "picture_unreadable"),
        (BOMB, "picture_pixels"),
        (picture((100, 100)), "picture_small"),
        (b"\xff" * 12_000_001, "picture_large"),
    ],
)
def test_what_is_no_photo_is_refused_in_a_sentence(app: Flask, content: bytes, code: str):
    with pytest.raises(Refusal) as caught:
        portraits(content)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_becomes_squares_and_what_was_transparent_is_white(app: Flask, kind: str):
    made = portraits(picture((300, 900), kind, "green"), "end")
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")

    assert [Image.open(io.BytesIO(body)).size for body in made.values()] == [(96, 96), (240, 240), (640, 640)]
    assert Image.open(io.BytesIO(portraits(out.getvalue())["s"])).getpixel((5, 5)) == (255, 255, 255)
    assert Image.open(io.BytesIO(logo(out.getvalue()))).mode == "RGBA"


def test_fifty_megabytes_are_refused_in_a_sentence_and_nothing_changes(
    client: FlaskClient, own: str, row: HandIn
):
    huge = io.BytesIO(b"\xff" * 50_000_000)

    answer = client.post(
        f"{own}/photo", data={"photo": (huge, "groot.jpg")}, content_type="multipart/form-data"
    )

    assert answer.status_code == 413
    assert "Stuur hoogstens 13 MB in één keer." in words_of(answer.text)


def test_slides_are_for_the_organiser_alone(
    client: FlaskClient, own: str, ada: Speaker, staff: Account, sign_in: Callable[[Account], FlaskClient]
):
    pdf = b"%PDF-1.7 slides"
    assert "Kies een bestand als pdf" in upload(
        client, f"{own}/slides", slides=(io.BytesIO(b"MZ"), "virus.exe")
    )
    assert "Kies een bestand als pdf" in upload(
        client, f"{own}/slides", slides=(io.BytesIO(b"MZ"), "virus.pdf")
    )
    assert "Kies eerst een bestand" in upload(client, f"{own}/slides", other="x")
    assert "dia's.pdf" in upload(client, f"{own}/slides", slides=(io.BytesIO(pdf), "..\\dia's.pdf"))
    address = f"{HOME}/{ada.id}/slides/1"
    assert client.application.test_client().get(address).status_code == 302

    sent = sign_in(staff).get(address)
    assert (sent.data, sent.headers["Content-Disposition"].partition(";")[0]) == (pdf, "attachment")

    assert "Het bestand is weggehaald" in upload(client, f"{own}/slides/1/removal")
    assert client.get(address).status_code == 404


def test_another_link_ends_the_old_one_and_opens_nothing_of_others(
    client: FlaskClient, own: str, row: HandIn, staff: Account, programme: Programme
):
    bea = make_speaker(programme.organiser, "Bea Twee")
    make_part(
        programme.rounds[1].sessions[0]
        if programme.rounds[1].sessions
        else make_session(programme.rounds[1]),
        bea,
    )
    other = actions.ask(programme, bea, "", "en", by=staff.id, now=NOON)
    actions.add_slides(other, b"%PDF-", "x.pdf", now=NOON)
    assert "niet meer" in upload(client, f"{own}/slides/{other.slides[0].id if other.slides else 1}/removal")

    actions.renew(row, by=staff.id, now=NOON)

    assert client.get(own).status_code == 404
    assert client.post(f"{own}/photo", data={"remove": "1"}).status_code == 404
    assert client.get(f"/nl/hand-in/{hand_in_token(db.session.get_one(HandIn, row.id))}").status_code == 200


def test_several_are_asked_at_once_and_who_has_no_address_is_named(
    programme: Programme, staff: Account, ada: Speaker, row: HandIn, sign_in: Callable[[Account], FlaskClient]
):
    bea = make_speaker(programme.organiser, "Bea Twee")
    make_part(make_session(programme.rounds[1]), bea)

    answer = sign_in(staff).post(HOME, data={"speaker": [str(ada.id), str(bea.id)]}, follow_redirects=True)

    words = words_of(answer.text)
    assert "Aantal mensen dat een e-mail krijgt: 1." in words
    assert "Zonder e-mailadres: 1." in words
    assert "Bea Twee" in words_of(sign_in(staff).get(f"{HOME}?state=new").text)
    assert "Ada Een" not in words_of(sign_in(staff).get(f"{HOME}?state=new").text).partition("Bea Twee")[0]


def test_a_speaker_taken_away_comes_back_with_what_was_handed_in(
    programme: Programme, staff: Account, ada: Speaker, row: HandIn
):
    actions.add_slides(row, b"%PDF-", "x.pdf", now=NOON)
    actions.hand_in(row, {"affiliation": "X"}, needs="Water", away=[], alt=Wording(), done=True, now=NOON)
    change(programme.rounds[0].sessions[0].parts[0], speaker_id=None, affiliation="X")
    organiser_id, by = programme.organiser_id, staff.id
    gone = remove(organiser_id, None, ada, by=by, now=NOON)
    assert db.session.query(HandIn).count() == 0

    restore(organiser_id, gone.id, by=by, now=NOON)

    found = db.session.query(HandIn).one()
    assert (found.texts, found.needs, found.state, len(found.slides)) == (
        {"affiliation": "X"},
        "Water",
        "handed_in",
        1,
    )


def test_how_a_text_looks_is_rendered_as_when_it_is_saved(
    client: FlaskClient, own: str, staff: Account, sign_in: Callable[[Account], FlaskClient]
):
    typed = {"text": "**Ja** <script>alert(1)</script> [x](javascript:alert(1))"}
    shown = "<p><strong>Ja</strong> &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>"

    assert client.post("/preview", data=typed).status_code == 302  # who is not signed in has no use for it
    assert client.post("/nl/hand-in/of-nobody/preview", data=typed).status_code == 404
    assert f'data-markdown="{own}/preview"' in client.get(own).text
    assert client.post(f"{own}/preview", data=typed).text == shown
    assert sign_in(staff).post("/preview", data=typed).text == shown


def test_looking_at_a_text_has_a_limit_and_brackets_take_no_time(client: FlaskClient, own: str):
    began = time.process_time()
    answer = client.post(f"{own}/preview", data={"text": "[" * 20_000})
    assert (answer.status_code, time.process_time() - began < 0.5) == (200, True)

    @transaction()
    def often() -> None:
        db.session.query(Throttle).filter(Throttle.key.startswith("preview|hand-in")).update({"count": 5000})

    often()
    assert client.post(f"{own}/preview", data={"text": "x"}).status_code == 429


def test_a_text_of_brackets_is_refused_at_its_field(client: FlaskClient, own: str):
    answer = send(client, own, biography_nl="[" * 401)
    assert answer.status_code == 422
    assert "Gebruik hoogstens 400 rechte haken" in words_of(answer.text)


def test_no_upload_is_kept_under_a_name_that_somebody_chose(client: FlaskClient, own: str, tmp_path: Path):
    upload(client, f"{own}/slides", slides=(io.BytesIO(b"%PDF-"), "../../evil.pdf"))

    assert not list(tmp_path.rglob("evil*"))
