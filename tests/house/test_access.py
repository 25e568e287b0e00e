"""Every route, by method and address, as everybody, for own
things, those of another programme, and of another organiser.

What must come out is made from the table of roles
(`learning/people/roles.py`) and the table of doors (`doors.py`).
"""

import io
import itertools
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, request_finished
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from learning.factory import create_app
from learning.kit.db import Model, db
from learning.kit.installation import of
from learning.people import roles
from learning.releases.queries import Parsed
from tests.conftest import settings
from tests.house.doors import KEYS, NEEDS, OF_PROGRAMME, THINGS
from tests.house.world import LIMITED, STAFF, WHO, World, cookie_of, make_world

YES, SIGN_IN, FORBIDDEN, MISSING = "yes", "sign in", "403", "404"
FEWER = ("anonymous", "contact", "limited editor", "their admin")  # at doors that are open to anyone
NEAR = (*STAFF, *(f"limited {role}" for role in LIMITED), "contact")  # who tries the things of others

ACROSS = ("admin", "limited editor", "contact")  # who tries those of another organiser


@dataclass(frozen=True)
class Door:
    """One method of one address, with what stands in place
    of <key> or <thing>; `need` is what the table says of it.
    """

    method: str
    rule: str
    thing: str
    need: str

    @property
    def of_programme(self) -> bool:
        """It is about one programme."""
        at = self.rule.replace("<key>", self.thing)
        return "<slug>" in at or at.startswith(OF_PROGRAMME)

    @property
    def names_something(self) -> bool:
        """It names something that another organiser may have too."""
        return "<slug>" in self.rule or "id>" in self.rule


def plain(rule: Rule) -> str:
    """The address of a rule as the table has it."""
    return re.sub(r"<(?:any\([^)]*\)|int|kind_in_\w+):(\w+)>", r"<\1>", rule.rule)


def doors(app: Flask) -> Iterator[tuple[Door, Rule]]:
    """Every method of every address; those of kinds of rows once for some kinds."""
    for rule in app.url_map.iter_rules():
        address = plain(rule)
        things = next((kinds for start, kinds in THINGS.items() if address.startswith(start)), ("",))
        if address.startswith("/manage/") and address.endswith("/cancellation"):
            things = ("sessions",) if "<key>" in address else ("",)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for thing in things:
                named = re.sub("<(?:key|thing|listed)>", thing, address) if thing else address
                need = NEEDS.get(f"{method} {named}", NEEDS.get(f"{method} {address}", "not in the table"))
                yield Door(method, address, thing, need), rule


def address(door: Door, values: dict[str, Any]) -> str:
    """The address for these things."""
    names = values | {"key": door.thing, "thing": door.thing, "listed": door.thing}
    if "hand-in/" in door.rule:
        names["token"] = values["hand_in"]
    elif door.rule.startswith("/calendars/"):
        names["token"] = values["feed"]
    before = re.findall(r"([\w-]+|<key>|<thing>)/<id>", door.rule)
    if before:
        names["id"] = values[KEYS[door.thing if before[-1].startswith("<") else before[-1]]]
    if "/slides/<number>" in door.rule:
        names["number"] = values["slides"]
    if door.rule == "/<lang>/invoices/<id>.pdf":
        names["id"] = values["issued"]
    return re.sub(r"<([\w:]+)>", lambda found: str(names[found[1]]), door.rule)


def expected(door: Door, who: str, target: str) -> set[str]:
    """What this door must answer, from the tables."""
    if door.need == "anyone":
        return {YES}
    if who == "anonymous":
        return {SIGN_IN}
    if door.need == "account":
        return {YES}
    if door.need == "owner":
        return {YES if who == "owner" else MISSING}
    limited, whose, role = who.startswith("limited "), who.startswith("their "), who.split()[-1]
    staff = role in STAFF and (whose if target == "foreign" else not whose)
    outside = target in ("other", "mixed") and (target == "mixed" or (limited and door.of_programme))
    if door.need == "contact":
        return {YES if who == "contact" and target == "own" else MISSING}
    if door.need.startswith("delegation "):
        key = door.need.split()[1]
        if (who == "contact" and target == "own") or (
            staff and not outside and roles.may(role, key, limited=limited)
        ):
            return {YES}
        sees = ("see_people", "set_reference") if key == "set_reference" else ("see_people",)
        looks = staff and not outside and any(roles.may(role, see, limited=limited) for see in sees)
        return {FORBIDDEN if looks else MISSING}
    if not staff:
        return {MISSING}
    if not roles.may(role, door.need, limited=limited):
        return {FORBIDDEN, MISSING} if outside else {FORBIDDEN}
    return {MISSING} if outside else {YES}


def got(answer: TestResponse) -> str:
    """An answer in the words of the tables."""
    if answer.status_code == 302 and answer.location.partition("?")[0].endswith("/sign-in"):
        return SIGN_IN
    return (
        str(answer.status_code) if answer.status_code in (401, 403, 404) or answer.status_code >= 500 else YES
    )


def surprising(door: Door, who: str, target: str, answer: TestResponse) -> bool:
    """It is not what the tables say. A door that is open to anyone may lead to nothing, for everybody."""
    found = got(answer)
    nothing_there = door.need == "anyone" and found in (MISSING, SIGN_IN)
    return found not in expected(door, who, target) and not nothing_there


def targets(door: Door, who: str) -> list[str]:
    """Whose things somebody tries at this door; `mixed` is a thing of another organiser at the own desk."""
    if door.need in ("anyone", "account", "owner"):
        return ["own"]
    found = ["own"]
    if who in NEAR and door.names_something:
        found += ["other"]
    if who in ACROSS or who.startswith("their "):
        found += ["foreign"]
    whole_log = "/audit/" in door.rule  # of a number of somebody else it has no lines, and says so
    if who in ACROSS and door.names_something and "<organiser>" in door.rule and not whole_log:
        found += ["mixed"]
    return found


class Walk:
    """Opens doors; what an answer changed is put back, so that every door sees the same world."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world, self.decided = app, world, ""
        request_finished.connect(self.note, app)
        self.client: FlaskClient = app.test_client(use_cookies=False)
        self.cookies = {who: cookie_of(app, account) for who, account in world.accounts.items()}
        self.file = db.engine.url.database or ""
        db.session.remove()
        db.engine.dispose()
        self.kept = sqlite3.connect(":memory:")
        with sqlite3.connect(self.file) as there:
            there.backup(self.kept)

    def note(self, _app: Flask, **_more: Any) -> None:
        """Which decision on access the request took."""
        self.decided = g.get("access_decided", "")

    def open(self, door: Door, who: str, target: str, **more: Any) -> TestResponse:
        """What somebody gets at a door."""
        values = self.world.values["foreign" if target == "mixed" else target]
        if target == "mixed":
            values = values | {"organiser": self.world.values["own"]["organiser"]}
        headers = {"Cookie": self.cookies[who]} if self.cookies[who] else {}
        answer = self.client.open(address(door, values), method=door.method, headers=headers, **more)
        if door.method == "POST":
            self.put_back()
        return answer

    def put_back(self) -> None:
        """The database as it was at first."""
        db.session.remove()
        db.engine.dispose()
        with sqlite3.connect(self.file) as there:
            self.kept.backup(there)
        of(self.app).memory.forget(Parsed)


SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PARTS = 4  # of the walk, for who tests on several cores
POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def text_of(answer: TestResponse) -> str:
    """What an answer says; the sheets of a workbook as their XML."""
    if not answer.data.startswith(b"PK"):
        return answer.data.decode("utf8", "replace")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        return "".join(book.read(name).decode("utf8") for name in book.namelist() if name.endswith(".xml"))


def decided_by(door: Door) -> tuple[str, ...]:
    """Which decisions a door may take, by what the table says of it: only what is public is for anyone."""
    if door.need in ("anyone", "account"):
        return (door.need, "permission", "found") if door.need == "anyone" else ("account",)
    return ("found", "permission")


def hidden_from(who: str) -> tuple[str, ...]:
    """Words of the world that nobody like this may read at any desk."""
    found = [] if who.startswith("their ") else ["Geheim foreign"]
    found += ["Geheim own", "Geheim other"] if who.startswith("their ") else []
    found += ["Geheim other"] if who.startswith("limited ") else []
    role = who.split()[-1]
    found += [] if roles.may(role, "see_needs") else ["Geheim dieet"]
    found += (
        []
        if roles.may(role, "see_people")
        else [f"Geheim {tag} {who}" for tag in ("own", "other") for who in PEOPLE]
    )
    return tuple(found)


PEOPLE = ("deelnemer", "gestuurde", "vervanger")  # of a programme, in the names of the world


def test_every_route_stands_in_the_table(app: Flask):
    there = [door for door, _rule in doors(app)]
    lines = {f"{door.method} {words}" for door in there for words in (door.rule, named(door))}

    assert [f"{door.method} {door.rule}" for door in there if door.need == "not in the table"] == []
    assert set(NEEDS) - lines == set()  # a line for no route
    words = {need.removeprefix("delegation ") for need in NEEDS.values()}
    assert words <= {*roles.BY_KEY, "anyone", "account", "contact", "owner"}


def named(door: Door) -> str:
    """The address of a door with the kind of row in it."""
    return re.sub("<(?:key|thing|listed)>", door.thing, door.rule) if door.thing else door.rule


def cells(app: Flask) -> Iterator[tuple[Door, str, str]]:
    """Every door with everybody and whose things they try there."""
    for door, _rule in doors(app):
        for who in FEWER if door.need == "anyone" else WHO:
            for target in targets(door, who):
                yield door, who, target


def test_the_walk_is_long(app: Flask):
    there = list(cells(app))

    assert len(there) >= 1500
    assert {who for _door, who, _target in there} == set(WHO)
    assert {target for _door, _who, target in there} == {"own", "other", "foreign", "mixed"}


@SQLITE
@pytest.mark.parametrize("part", range(PARTS))
def test_every_door_as_everybody(app: Flask, part: int):
    walk = Walk(app, make_world())
    surprises, leaks, decisions = [], [], []
    for door, who, target in itertools.islice(cells(app), part, None, PARTS):
        answer = walk.open(door, who, target)
        if surprising(door, who, target, answer):
            right = sorted(expected(door, who, target))
            surprises.append((door.method, named(door), who, target, answer.status_code, right))
        decides = answer.status_code == 200 and not door.rule.startswith("/static/")  # Flask's own
        if decides and walk.decided not in decided_by(door):
            decisions.append((door.method, named(door), who, walk.decided))
        if got(answer) == YES and door.method == "GET" and door.rule.startswith("/manage/"):
            text = text_of(answer)
            leaks += [(named(door), who, target, words) for words in hidden_from(who) if words in text]

    assert surprises == []
    assert leaks == []
    assert decisions == []


AT_DESK = ("limited editor", "finance", "reader", "their admin")


@POSTGRES
def test_every_page_on_postgresql_too(app: Flask):
    world = make_world()
    client = app.test_client(use_cookies=False)
    surprises = []
    for who in (*AT_DESK, "contact", "anonymous"):
        cookie = cookie_of(app, world.accounts[who])
        headers = {"Cookie": cookie} if cookie else {}
        for door, _rule in doors(app):
            if door.method != "GET" or door.rule.startswith("/manage/") != (who in AT_DESK):
                continue
            for target in {"own", "other"} & set(targets(door, who)):
                answer = client.get(address(door, world.values[target]), headers=headers)
                if surprising(door, who, target, answer):
                    surprises.append((named(door), who, target, answer.status_code))

    assert surprises == []


DESK = "/manage/<organiser>"
FIELDS: tuple[
    tuple[str, str, dict[str, str]], ...
] = (  # sent from the own programme, with ids of things that are elsewhere
    (f"{DESK}/programmes/<slug>/delegations/letter", "", {"chosen": "delegation", "subject": "", "text": ""}),
    (
        f"{DESK}/programmes/<slug>/registrations/<registration_id>/seats",
        "",
        {"round": "round_id", "session": "session"},
    ),
    (f"{DESK}/programmes/<slug>/grid/moves", "", {"session": "session", "round": "round_id", "room": ""}),
    (f"{DESK}/programmes/<slug>/grid/times", "", {"round": "round_id", "start": "", "end": ""}),
    (f"{DESK}/programmes/<slug>/<key>/many", "sessions", {"chosen": "session", "do": ""}),
    (f"{DESK}/programmes/<slug>/hand-ins", "", {"speaker": "speaker_id"}),
    (f"{DESK}/programmes/<slug>/draws", "", {"meeting": "meeting_id", "unpin": "session", "policy": ""}),
    (f"{DESK}/programmes/<slug>/suggestions/<id>", "", {"session": "session"}),
    (f"{DESK}/contacts/<id>/hand-over", "", {"to": "contact"}),
    (f"{DESK}/<key>/many", "contacts", {"chosen": "contact", "do": ""}),
    (f"{DESK}/colleagues/new", "", {"programmes": "programme_id", "limited": "", "role": "", "mail": ""}),
)
TYPED = {
    "subject": "Onderwerp", "text": "Tekst", "room": "", "start": "09:00", "end": "10:00", "do": "away",
    "policy": "balanced",
    "limited": "y", "role": "editor", "mail": "new@x.example",
}  # fmt: skip


def rows_elsewhere(world: World) -> dict[str, list[Any]]:
    """Every row of the programmes that are not the own one, and all contacts, invitations and mails."""
    ids = [values["programme_id"] for tag, values in world.values.items() if tag != "own"]
    found: dict[str, list[Any]] = {}
    for table in Model.metadata.sorted_tables:
        query = table.select().order_by(table.c.id)
        if "programme_id" in table.c:
            found[table.name] = list(db.session.execute(query.where(table.c.programme_id.in_(ids))))
        elif table.name in ("contact", "invitation", "message"):
            found[table.name] = list(db.session.execute(query))
    return found


@SQLITE
@pytest.mark.parametrize(
    ("who", "elsewhere"), [("admin", "foreign"), ("limited editor", "other"), ("limited editor", "foreign")]
)
def test_ids_of_things_elsewhere_in_a_form_do_nothing(app: Flask, who: str, elsewhere: str):
    world = make_world()
    walk = Walk(app, world)
    before = rows_elsewhere(world)
    for rule, thing, names in FIELDS:
        values = world.values[elsewhere]
        data = {name: values[key] if key else TYPED[name] for name, key in names.items()} | {
            "sure": "1",
            "reason": "x",
        }
        target = address(Door("POST", rule, thing, ""), world.values["own"])
        answer = walk.client.post(target, data=data, headers={"Cookie": walk.cookies[who]})
        db.session.rollback()

        assert answer.status_code < 500, rule
        assert rows_elsewhere(world) == before, rule
        walk.put_back()


def test_a_page_that_decides_nothing_is_refused(database_url: str, tmp_path: Path):
    app = create_app(settings(tmp_path, database_url))
    app.add_url_rule("/forgot", "forgot", lambda: "secret")
    app.config["PROPAGATE_EXCEPTIONS"] = False

    assert app.test_client().get("/forgot").status_code == 500
