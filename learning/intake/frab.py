"""Reading the schedules of conference programs (frab), as XML and as JSON."""

import json
import re

from learning.intake.proposals import LONG, Found, Host, Problem, Proposal
from learning.kit.errors import Refusal
from learning.kit.wording import N_


def frab_xml(text: str) -> Proposal:
    """A frab schedule: days, rooms and events; what runs in parallel becomes a round."""
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(text.encode())
    except DefusedXmlException:
        raise Refusal(
            "xml_entities", N_("This XML defines entities. We do not read those; save it without.")
        ) from None
    except ElementTree.ParseError:
        raise Refusal("no_xml", N_("This XML cannot be read. Is it a schedule in the frab format?")) from None
    events = []
    for day in root.iter("day"):
        for event in day.iter("event"):
            hosts = tuple(Host(p.text.strip()) for p in event.iter("person") if p.text and p.text.strip())
            fields = {
                name: (event.findtext(name) or "").strip()
                for name in ("title", "abstract", "room", "start", "track")
            }
            events.append((day.get("date", ""), fields, hosts))
    return _events(events)


def frab_json(text: str) -> Proposal:
    """A programme from a frab schedule in JSON; refused in a sentence when it is none."""
    try:
        days = json.loads(text)["schedule"]["conference"]["days"]
        events = [
            (
                str(day.get("date", "")),
                {
                    name: str(event.get(name) or "")
                    for name in ("title", "abstract", "room", "start", "track")
                },
                tuple(
                    Host(str(p.get("name") or p.get("public_name") or "")) for p in event.get("persons", [])
                ),
            )
            for day in days
            for room in day["rooms"].values()
            for event in room
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refusal(
            "no_json", N_("This JSON cannot be read. Is it a schedule in the frab format?")
        ) from None
    return _events(events)


def _events(events: list[tuple[str, dict[str, str], tuple[Host, ...]]]) -> Proposal:
    """Sessions that begin at one moment, in more than one
    room, are a round; the others are left out, and said so.
    """
    at = sorted({(day, event["start"]) for day, event, _hosts in events})
    many = [when for when in at if sum((day, event["start"]) == when for day, event, _hosts in events) > 1]
    sessions, problems = [], []
    for number, (day, event, hosts) in enumerate(events, start=1):
        title = re.sub(r"^\d+\.\d+\s+", "", event["title"])[:200]
        if (day, event["start"]) not in many or not title:
            words = N_(
                "“%(title)s” has nothing beside it, so it is no session. Make it a block of the meeting."
            )
            problems.append(Problem(number, words, {"title": title[:80]}))
            continue
        rest = {
            "text": event["abstract"][:LONG],
            "hosts": hosts,
            "room": event["room"][:80],
            "theme": event["track"][:60],
        }
        sessions.append(Found(line=number, title=title, round=many.index((day, event["start"])) + 1, **rest))  # type: ignore[arg-type]
    return Proposal(tuple(sessions), tuple(problems))
