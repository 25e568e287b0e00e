"""The organiser looks how the day stands, finds a registration, and takes the list along."""

import csv
import io

from flask import Flask

from tests.browse import words_of
from tests.stories.world import browser_of


def test_how_the_day_stands(demo: Flask):
    staff = browser_of(demo, "staff")

    words = words_of(staff.get("/manage/platform31/programmes/dag-van-de-buurt").text)

    assert "Aangemeld 303" in words
    assert "1.07 De energietransitie als vliegwiel voor een leefbare buurt" in words
    assert "Vol" in words


def test_a_registration_is_found_and_the_list_is_a_file(demo: Flask):
    staff = browser_of(demo, "staff")
    desk = "/manage/platform31/programmes/dag-van-de-buurt/registrations"

    found = words_of(staff.get(f"{desk}?search=zonneveer").text)
    rows = list(csv.reader(io.StringIO(staff.get(f"{desk}.csv").data.decode("utf-8-sig")), delimiter=";"))

    assert "Yara Zonneveer" in found
    assert "1 aanmelding" in found
    assert len(rows) == 1 + 303


def test_another_organisers_staff_finds_nothing(demo: Flask):
    other = browser_of(demo, "staff", None)
    assert other.get("/manage/platform31/").status_code == 200
    assert other.get("/manage/levende-stad/").status_code == 404


def test_a_speaker_sees_who_comes(demo: Flask):
    speaker = browser_of(demo, "speaker")
    assert "Je begeleidt 1 sessie" in words_of(speaker.get("/nl/me").text)
    words = words_of(speaker.get("/nl/speaker").text)

    assert "1.13" in words
    assert "De Capability Approach in de praktijk" in words
    assert "Wie komen er" in words
