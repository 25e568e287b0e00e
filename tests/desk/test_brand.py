"""How an organiser shows itself: name, colours that can always be read, a logo, and an own domain."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.forms import colour_of, host_of
from learning.kit.installation import of
from learning.kit.outside import Prover, Resolver
from learning.kit.theme import check, contrast, fill_of, ink_on, shade_of
from learning.organisations.actions import BRAND, save_brand
from learning.organisations.models import Organiser
from learning.organisations.proving import Proven, domain_token, prove_due
from learning.people.models import Account
from tests.browse import form_of, send, words_of
from tests.make import NOON, make_account, make_event, make_organiser, make_staff
from tests.outside import Names

pytestmark = pytest.mark.one_database

AT = "/manage/kring/brand"
HOST = "dag.example.org"


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    """An organiser with a released programme."""
    found = make_organiser("kring", name="Kring Noord")
    make_event(found, slug="dag")
    return found


@pytest.fixture
def admin(organiser: Organiser, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """Who may change the organiser itself."""
    account = make_account("admin@x.example")
    make_staff(organiser, account, "admin")
    return sign_in(account)


def now() -> Organiser:
    """The organiser as it is in the database."""
    db.session.rollback()
    return db.session.query(Organiser).filter_by(slug="kring").populate_existing().one()


@pytest.mark.parametrize("colour", ["#ffff00", "#00ffff", "#ffffff", "#000000", "#ff00ff", "#808080"])
def test_the_hardest_colours_keep_every_promise(colour: str):
    assert check(colour, colour) == []
    shade = shade_of(colour)
    assert min(shade.on_ratio, shade.light_ratio, shade.dark_ratio) >= 4.5
    assert shade.on_ratio == contrast(fill_of(colour), ink_on(fill_of(colour)))


@limits(deadline=None)  # a colour that nobody asked for yet takes some milliseconds
@given(st.integers(0, 0xFFFFFF))
def test_any_colour_keeps_every_promise(number: int):
    assert check(f"#{number:06x}", f"#{number:06x}") == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("#123F8F", "#123f8f"),
        (" 123f8f ", "#123f8f"),
        ("#abc", "#aabbcc"),
        ("blauw", None),
        ("#12345", None),
        ("#12345g", None),
    ],
)
def test_a_colour_as_people_write_it(typed: str, read: str | None):
    assert colour_of(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("programma.example.org", "programma.example.org"),
        (" HTTPS://Programma.Example.org/ ", "programma.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", None),
        ("127.0.0.1", None),
        ("a..b.example", None),
        ("example.org/pad", None),
        ("example.org:8000", None),
        ("-a.example", None),
        ("a b.example", None),
        ("x" * 64 + ".example", None),
        ("", None),
    ],
)
def test_a_domain_as_people_paste_it(typed: str, read: str | None):
    assert host_of(typed) == read


def test_name_and_colours_are_looked_at_first_and_show_at_once(admin: FlaskClient, client: FlaskClient):
    before = client.get("/nl/programmes/dag").text
    looked = send(admin, AT, look="1", name="Kring Zuid", brand_colour="#FFFF00", accent_colour="#fff")
    words = words_of(looked.text)
    assert "Je koos #ffff00." in words
    assert re.search(r"Als tekst op licht: #[0-9a-f]{6}, contrast ([4-9]|1\d)\.\d op 1", words)
    assert "/theme/try/ffff00/ffffff.css" in looked.text
    assert now().name == "Kring Noord"

    assert "Bewaard" in words_of(send(admin, AT, name="Kring Zuid", plate="KZ", brand_colour="ffff00").text)
    after = client.get("/nl/programmes/dag").text
    assert ("Kring Zuid" in before, "Kring Zuid" in after) == (False, True)
    theme = re.search(r'href="(/theme/kring-[^"]+)"', after)
    assert theme is not None
    assert "--brand-fill: light-dark(#ffff00" in client.get(theme[1]).text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Vul dit veld in"),
        ("plate", "TE LANG", "Gebruik hoogstens 4 tekens"),
        ("brand_colour", "rood", "Vul een kleur in zoals #123f8f."),
        ("accent_colour", "", "Vul dit veld in"),
        ("domain", "dit is geen domein", "Vul alleen het domein in"),
        ("mail", "nergens", "Vul een e-mailadres in"),
    ],
)
def test_wrong_input_is_named_and_kept(admin: FlaskClient, field: str, typed: str, words: str):
    answer = send(admin, AT, name="Ander", **{field: typed}) if field != "name" else send(admin, AT, name="")
    assert answer.status_code == 422
    assert words in words_of(answer.text)
    assert f'value="{typed}"' in answer.text
    assert now().name == "Kring Noord"


def test_what_another_admin_saved_meanwhile_is_not_overwritten(admin: FlaskClient):
    old = form_of(admin.get(AT).text)
    send(admin, AT, name="Van de ander")
    answer = admin.post(AT, data={**old["values"], "name": "Van mij"})
    assert answer.status_code == 409
    assert "Nu staat er: Van de ander" in words_of(answer.text)
    assert now().name == "Van de ander"
    admin.post(AT, data={**form_of(answer.text)["values"], "name": "Van mij"})
    assert now().name == "Van mij"


def test_editors_stay_out(organiser: Organiser, sign_in: Callable[[Account], FlaskClient]):
    account = make_account("editor@x.example")
    make_staff(organiser, account, "editor")
    editor = sign_in(account)
    assert editor.get(AT).status_code == 403
    assert editor.post(AT + "/logo").status_code == 403
    assert "Naam en kleuren" not in words_of(editor.get("/manage/kring").text)


def logo(kind: str = "PNG") -> bytes:
    """A wide picture with a see-through ground."""
    out = io.BytesIO()
    Image.new("RGBA", (900, 300), (200, 0, 0, 0)).save(out, kind)
    return out.getvalue()


def upload(admin: FlaskClient, content: bytes, name: str = "logo.png") -> str:
    """Send a logo; what the page says."""
    token = form_of(admin.get(AT).text)["values"]
    data = {"csrf_token": token.get("csrf_token", ""), "form_key": "", "logo": (io.BytesIO(content), name)}
    return words_of(admin.post(AT + "/logo", data=data, follow_redirects=True).text)


def test_a_logo_is_made_anew_and_shown(admin: FlaskClient, client: FlaskClient):
    client.get("/nl/programmes/dag")
    assert "Dit is nu jullie logo" in upload(admin, logo())
    page = client.get("/nl/programmes/dag").text
    found = re.search(r'src="(/logos/[0-9a-f]{32}\.png)" alt="Kring Noord"', page)
    assert found is not None
    answer = client.get(found[1])
    image = Image.open(io.BytesIO(answer.data))
    assert (image.format, image.size) == ("PNG", (480, 160))

    admin.post(AT + "/logo", data={"remove": "1"})
    assert "/logos/" not in client.get("/nl/programmes/dag").text
    assert client.get(found[1]).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        logo()[:200],
        b"GIF89a",
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(admin: FlaskClient, content: bytes):
    assert "We kunnen deze foto niet lezen" in upload(admin, content)
    assert now().logo_id is None


def test_an_own_domain_counts_once_it_is_proven(app: Flask, admin: FlaskClient, client: FlaskClient):
    names = Names().start()
    of(app).memory.put(Prover, Prover(Resolver(["127.0.0.1"], names.port)))
    make_event(make_organiser("ander", name="Ander"), slug="andere-dag")
    there = {"base_url": f"http://{HOST}:8000"}
    saved = words_of(send(admin, AT, domain=f"https://{HOST}/").text)
    assert "nog niet bewezen" in saved
    assert "We hebben nog niet gekeken." in saved
    token = domain_token(now())
    assert f"_leerkring.{HOST} Waarde leerkring={token}" in saved
    canonical = '<link rel="canonical" href="http://{}:8000/nl/programmes/dag">'
    assert canonical.format("127.0.0.1") in client.get("/nl/programmes/dag").text
    # a name that somebody sends proves nothing
    assert client.get("/nl/programmes/dag", **there).status_code == 421

    prove_due()
    assert "het domein leidt nog nergens heen" in words_of(client.get(AT).text)
    names.records[f"_leerkring.{HOST}.", "TXT"] = [f'"leerkring={token}"']
    form = form_of(client.get(AT).text)
    assert client.post(f"{AT}/domain", data=form["values"]).status_code == 302
    prove_due()
    assert now().domain_seen_at is not None
    assert "Het TXT-record is gevonden." in words_of(client.get(AT).text)
    of(app).memory.forget(Proven)  # as some seconds later

    for base in ({}, there):
        page = client.get("/nl/programmes/dag", **base).text
        assert canonical.format(HOST) in page
        assert f'hreflang="en" href="http://{HOST}:8000/en/programmes/dag"' in page
    assert "andere-dag" in client.get("/nl/programmes").text
    assert "andere-dag" not in client.get("/nl/programmes", **there).text
    assert "Kring Noord" in words_of(client.get("/nl/programmes", **there).text)
    away = client.get("/nl/programmes/andere-dag", **there)
    assert (away.status_code, away.location) == (302, "http://127.0.0.1:8000/nl/programmes/andere-dag")
    ours, theirs = (client.get("/sitemap.xml", **base).text for base in (there, {}))
    assert (f"http://{HOST}:8000/nl/programmes/dag<" in ours, "andere-dag" in ours) == (True, False)
    assert ("/nl/programmes/dag<" in theirs, "andere-dag" in theirs) == (False, True)
    assert f"Sitemap: http://{HOST}:8000/sitemap.xml" in client.get("/robots.txt", **there).text

    send(admin, AT, domain="anders.example.org")
    assert now().domain_seen_at is None
    assert canonical.format("127.0.0.1") in client.get("/nl/programmes/dag").text


def test_an_unknown_host_decides_nothing_and_a_domain_is_of_one_organiser(
    admin: FlaskClient, client: FlaskClient
):
    send(admin, AT, domain=HOST)
    answer = client.get("/nl/programmes/dag", base_url="http://evil.example")
    assert (answer.status_code, "evil.example" in answer.text) == (421, False)

    other = make_organiser("ander")
    id, values = other.id, {name: getattr(other, name) for name in BRAND}

    @transaction()
    def prove() -> None:
        db.session.execute(update(Organiser).where(Organiser.domain == HOST).values(domain_seen_at=NOON))

    prove()
    with pytest.raises(Refusal) as refused:
        save_brand(id, values | {"domain": HOST}, was=values, by=1, now=NOON)
    assert refused.value.field == "domain"
