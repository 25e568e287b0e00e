"""An own domain is proven by a record or a file that only
who governs it can put there, and nothing leads us elsewhere.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from learning.kit import clock, jobs
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.outside import Finding, Https, Prover, Resolver, is_public
from learning.organisations import proving
from learning.organisations.actions import BRAND, save_brand
from learning.organisations.models import Organiser
from tests.make import NOON, make_organiser
from tests.outside import Authority, Names, Site, page

HOST = "dag.example.org"
TXT, FILE = "_leerkring.dag.example.org.", "/.well-known/leerkring.txt"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of this world."""
    return Authority(tmp_path_factory.mktemp("authority")).make()


@pytest.fixture
def names() -> Names:
    """The DNS of this world."""
    return Names().start()


def prover(names: Names, authority: Authority, port: int = 443, **more: Callable[[str], bool]) -> Prover:
    """One who asks this world, and trusts its authority."""
    context = ssl.create_default_context(cafile=str(authority.ca))
    return Prover(Resolver(["127.0.0.1"], names.port), Https(port, context), **more)


def anywhere(_address: str) -> bool:
    """Loopback too: in these tests the world is there."""
    return True


def test_a_record_is_proof(names: Names, authority: Authority):
    names.records[TXT, "TXT"] = ['"v=spf1 -all"', '"leerkring=secret"']
    assert prover(names, authority).look(HOST, "secret") == Finding(True, "text")
    assert prover(names, authority).look(HOST, "another").found == "other_text"
    names.records.clear()
    assert prover(names, authority).look(HOST, "secret") == Finding(False, "no_name")


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (page("secret\n"), Finding(True, "file")),
        (page("another"), Finding(False, "other_file")),
        (page("secret", "404 Not Found"), Finding(False, "no_file")),
        (page("", "302 Found", f"Location: https://{HOST}/elsewhere\r\n"), Finding(False, "elsewhere")),
        (page("secret" + " " * 20_000), Finding(False, "no_answer")),
        (b"220 mail.example.org ESMTP\r\n\r\nsecret", Finding(False, "no_answer")),
        (b"", Finding(False, "no_answer")),
    ],
)
def test_a_file_is_proof_as_it_is_and_nowhere_else(
    names: Names, authority: Authority, answer: bytes, finding: Finding
):
    names.records[HOST + ".", "A"] = ["127.0.0.1"]
    site = Site(authority.context(HOST), lambda _line: answer).start()

    assert prover(names, authority, site.port, allowed=anywhere).look(HOST, "secret") == finding
    assert site.asked == ["connected", f"GET {FILE} HTTP/1.0"]  # one look, and no step further


def test_who_answers_must_be_the_host_and_answer_in_time(names: Names, authority: Authority):
    names.records[HOST + ".", "A"] = ["127.0.0.1"]
    other = Site(authority.context("other.example.org"), lambda _line: page("secret")).start()
    assert prover(names, authority, other.port, allowed=anywhere).look(HOST, "secret").found == "certificate"

    right = Site(authority.context(HOST), lambda _line: page("secret")).start()
    stranger = Prover(Resolver(["127.0.0.1"], names.port), Https(right.port), allowed=anywhere)
    assert stranger.look(HOST, "secret").found == "certificate"  # signed by nobody whom the machine trusts

    def slow(_line: str) -> bytes:
        time.sleep(7)
        return page("secret")

    late = Site(authority.context(HOST), slow).start()
    began = time.monotonic()
    assert prover(names, authority, late.port, allowed=anywhere).look(HOST, "secret").found == "no_answer"
    assert time.monotonic() - began < 6.9


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("A", "127.0.0.1"), ("A", "10.0.0.8"), ("A", "172.16.5.5"), ("A", "192.168.1.1"),
        ("A", "169.254.169.254"),
        ("A", "0.0.0.0"), ("A", "100.64.0.1"), ("A", "224.0.0.1"), ("A", "255.255.255.255"),
        ("AAAA", "::1"), ("AAAA", "::"), ("AAAA", "::ffff:127.0.0.1"), ("AAAA", "fe80::1"),
        ("AAAA", "fd00::1"),
        ("AAAA", "::127.0.0.1"), ("AAAA", "64:ff9b::7f00:1"), ("AAAA", "2002:7f00:1::"),
    ],
)  # fmt: skip
def test_no_name_leads_us_into_our_own_network(names: Names, authority: Authority, kind: str, address: str):
    assert not is_public(address)
    site = Site(authority.context(HOST), lambda _line: page("secret")).start()
    names.records[HOST + ".", "A"] = ["93.184.216.34"]  # one that is public does not help the other
    names.records[HOST + ".", kind] = [*names.records.get((HOST + ".", kind), []), address]

    assert prover(names, authority, site.port).look(HOST, "secret") == Finding(False, "not_public")
    assert site.asked == []


def test_public_addresses_are_public():
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    assert not is_public("dag.example.org")


@transaction()
def claim(organiser: Organiser, domain: str | None) -> None:
    """As the form of the desk does, at noon."""
    row = db.session.get_one(Organiser, organiser.id)
    row.domain, row.domain_due_at, row.domain_seen_at, row.domain_looked_at = domain, NOON, None, None
    db.session.flush()


def test_the_worker_looks_less_often_as_time_goes_by_until_it_is_proven(
    app: Flask, names: Names, authority: Authority
):
    of(app).memory.put(Prover, prover(names, authority))
    organiser = make_organiser("kring")
    claim(organiser, HOST)
    of(app).queue = replace(of(app).queue, loops={"rows": (proving.prove_due,)})

    jobs.sweep()
    jobs.sweep()
    found = db.session.get_one(Organiser, organiser.id)
    assert (found.domain_seen_at, found.domain_found, names.asked.count(f"TXT {TXT}")) == (None, "no_name", 1)
    assert found.domain_due_at is not None
    assert timedelta(seconds=50) < found.domain_due_at - clock.now() < timedelta(seconds=70)

    names.records[TXT, "TXT"] = [f'"leerkring={proving.domain_token(found)}"']
    proving.look_again(organiser.id, now=clock.now())
    jobs.sweep()
    found = db.session.get_one(Organiser, organiser.id)
    assert found.domain_seen_at is not None
    assert (found.domain_found, found.domain_due_at) == ("text", None)


def test_the_proof_is_of_one_organiser_and_of_the_domain_it_has_now(
    app: Flask, names: Names, authority: Authority
):
    of(app).memory.put(Prover, prover(names, authority))
    one, other = make_organiser("kring"), make_organiser("ander")
    claim(one, HOST)
    names.records[TXT, "TXT"] = [f'"leerkring={proving.domain_token(db.session.get_one(Organiser, one.id))}"']
    claim(one, None)
    claim(other, HOST)

    proving.look(other.id)
    assert db.session.get_one(Organiser, other.id, populate_existing=True).domain_found == "other_text"
    # looked at while it was changed
    proving.keep(other.id, "was.example.org", Finding(True, "text"), now=NOON)
    assert db.session.get_one(Organiser, other.id, populate_existing=True).domain_seen_at is None


def test_hosts_are_the_base_address_and_proven_domains(app: Flask, tmp_path: Path):
    organiser = make_organiser("kring")
    claim(organiser, HOST)
    client = app.test_client()

    def status(host: str, path: str = "/nl/programmes") -> int:
        of(app).memory.forget(proving.Proven)  # as some seconds later
        return client.get(path, base_url=f"http://{host}").status_code

    known = [status(host) for host in ("127.0.0.1:8000", "localhost", HOST, "evil.example", "127.0.0.2")]
    assert known == [200, 200, 421, 421, 421]
    proving.keep(organiser.id, HOST, Finding(True, "text"), now=NOON)
    assert [status(HOST), status(HOST.upper()), status(f"x.{HOST}"), status("evil.example")] == [
        200,
        200,
        421,
        421,
    ]
    assert [status("evil.example", path) for path in ("/healthz", "/readyz", "/static/css/base.css")] == [
        200,
        200,
        421,
    ]
    claim(organiser, "anders.example.org")
    assert status(HOST) == 421
    answer = client.post("/nl/sign-in", base_url="http://evil.example")
    assert (answer.status_code, "evil.example" in answer.text, "Set-Cookie" in answer.headers) == (
        421,
        False,
        False,
    )


def save_domain(organiser: Organiser, domain: str | None) -> None:
    """At the desk, by whoever works there."""
    row = db.session.get_one(Organiser, organiser.id, populate_existing=True)
    was = {name: getattr(row, name) for name in BRAND}
    save_brand(organiser.id, {**was, "domain": domain}, was=was, by=1, now=NOON)


def test_only_a_proven_claim_keeps_others_from_a_domain(app: Flask, names: Names, authority: Authority):
    of(app).memory.put(Prover, prover(names, authority))
    squatter, owner = make_organiser("kring"), make_organiser("ander")
    save_domain(squatter, HOST)
    save_domain(owner, HOST)  # nobody has proven it yet
    names.records[TXT, "TXT"] = [
        f'"leerkring={proving.domain_token(db.session.get_one(Organiser, owner.id))}"'
    ]
    proving.look(squatter.id)
    proving.look(owner.id)

    assert db.session.get_one(Organiser, owner.id, populate_existing=True).domain_seen_at is not None
    assert db.session.get_one(Organiser, squatter.id, populate_existing=True).domain_found == "other_text"
    assert proving.is_proven(HOST)
    # also with a proof of its own it comes too late
    proving.keep(squatter.id, HOST, Finding(True, "text"), now=NOON)
    found = db.session.get_one(Organiser, squatter.id, populate_existing=True)
    assert (found.domain_seen_at, found.domain_found) == (None, "taken")
    late = make_organiser("laat")
    with pytest.raises(Refusal) as refused:
        save_domain(late, HOST)
    assert (refused.value.code, refused.value.field) == ("domain_taken", "domain")
    save_domain(owner, None)
    save_domain(late, HOST)
