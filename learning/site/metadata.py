"""What machines read of a public page: schema.org events as JSON-LD, and the map of the site."""

import json
from datetime import datetime
from typing import Any

from markupsafe import Markup

from learning.kit.clock import local
from learning.releases.picture import MeetingPicture, ProgrammePicture, RoundPicture, SessionPicture

SCHEMA = "https://schema.org"


def programme_data(picture: ProgrammePicture, lang: str, url: str) -> Markup:
    """A programme as schema.org Event: with one meeting that meeting, else a series.

    What is not known is left out.
    """
    live = [m for m in picture.meetings if m.on]
    if len(live) == 1:
        whole = _meeting(picture, live[0], lang, url)
        sessions = [
            _session(picture, s, r, lang, url) for r in picture.rounds for s in r.sessions if r.starts_at
        ]
        if sessions:
            whole["subEvent"] = sessions
    else:
        whole = {"@type": "EventSeries", "subEvent": [_meeting(picture, m, lang, url) for m in live]}
        if not live:
            whole = {"@type": "EventSeries"}
    whole |= {"@context": SCHEMA, "name": picture.title.pick(lang), "url": url}
    whole["image"] = f"{url}/picture.png"
    whole["organizer"] = {"@type": "Organization", "name": picture.organiser_name}
    if picture.summary:
        whole["description"] = picture.summary.pick(lang)
    offers = _offers(picture, url)
    if offers:
        whole["offers"] = offers
    return _script(whole)


def session_data(picture: ProgrammePicture, session: SessionPicture, lang: str, url: str) -> Markup:
    """A session as schema.org Event, part of its programme; nothing when its moment is not known."""
    round = picture.round_of[session.id]
    if round.starts_at is None:
        return Markup("")
    whole = _session(picture, session, round, lang, url) | {"@context": SCHEMA}
    whole["superEvent"] = {"@type": "Event", "name": picture.title.pick(lang), "url": url}
    return _script(whole)


def _meeting(picture: ProgrammePicture, meeting: MeetingPicture, lang: str, url: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@type": "Event",
        "name": meeting.title.pick(lang) or picture.title.pick(lang),
        "url": url,
    }
    data["startDate"] = _moment(meeting.starts_at, meeting.zone) or (
        meeting.on.isoformat() if meeting.on else ""
    )
    if meeting.ends_at:
        data["endDate"] = _moment(meeting.ends_at, meeting.zone)
    data["eventStatus"] = _status(picture.cancelled or meeting.cancelled)
    return data | _where(meeting, "", url)


def _session(
    picture: ProgrammePicture, session: SessionPicture, round: RoundPicture, lang: str, url: str
) -> dict[str, Any]:
    meeting = picture.meeting[round.meeting_id]
    own = f"{url}/sessions/{session.code}"
    data: dict[str, Any] = {
        "@type": "Event",
        "name": f"{session.code} {session.title.pick(lang)}",
        "url": own,
    }
    data["image"] = f"{own}/picture.png"
    data["startDate"] = _moment(round.starts_at, meeting.zone)
    if round.ends_at:
        data["endDate"] = _moment(round.ends_at, meeting.zone)
    data["eventStatus"] = _status(picture.cancelled or meeting.cancelled or session.cancelled)
    data |= _where(meeting, session.room, own)
    performers = [
        {"@type": "Person" if part.slug else "Organization", "name": part.name} for part in session.parts
    ]
    if performers:
        data["performer"] = performers
    if session.capacity is not None:
        data["maximumAttendeeCapacity"] = session.capacity
    return data


def _where(meeting: MeetingPicture, room: str, url: str) -> dict[str, Any]:
    places: list[dict[str, Any]] = []
    if meeting.venue is not None:
        venue = meeting.venue
        parts = {"streetAddress": venue.street, "postalCode": venue.postcode, "addressLocality": venue.city}
        known = {name: words for name, words in parts.items() if words}
        place: dict[str, Any] = {"@type": "Place", "name": f"{venue.name}, {room}" if room else venue.name}
        if known:
            place["address"] = {"@type": "PostalAddress", "addressCountry": "NL", **known}
        places.append(place)
    if meeting.online:
        places.append({"@type": "VirtualLocation", "url": url})
    if not places:
        return {}
    mode = "Mixed" if len(places) == 2 else "Online" if meeting.online else "Offline"
    location = places[0] if len(places) == 1 else places
    return {"eventAttendanceMode": f"{SCHEMA}/{mode}EventAttendanceMode", "location": location}


def _offers(picture: ProgrammePicture, url: str) -> list[dict[str, Any]]:
    """Each price as published, excluding VAT."""
    offers = []
    for tariff in picture.tariffs:
        price = {"price": f"{tariff.amount:.2f}", "priceCurrency": "EUR", "valueAddedTaxIncluded": False}
        offer: dict[str, Any] = {
            "@type": "Offer",
            "url": url,
            "price": price["price"],
            "priceCurrency": "EUR",
        }
        offer["priceSpecification"] = {"@type": "PriceSpecification", **price}
        if tariff.from_on:
            offer["validFrom"] = tariff.from_on.isoformat()
        if tariff.until_on:
            offer["validThrough"] = tariff.until_on.isoformat()
        offers.append(offer)
    return offers


def _status(cancelled: bool) -> str:
    return f"{SCHEMA}/{'EventCancelled' if cancelled else 'EventScheduled'}"


def _moment(moment: datetime | None, zone: str) -> str:
    return local(moment, zone).isoformat() if moment is not None else ""


def _script(data: dict[str, Any]) -> Markup:
    """The data as it can stand in a page: no text in it can end the element (HTML, section 4.12.1.3)."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    safe = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(safe))
