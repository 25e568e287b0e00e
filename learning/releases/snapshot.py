"""The frozen picture of a programme, drawn from the desk's rows."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from learning.kit.clock import to_utc
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.markdown import render
from learning.kit.wording import N_, Wording
from learning.programmes.models import AgendaItem, Meeting, Part, Programme, Round, Session, Speaker, Workshop
from learning.releases.picture import (
    AgendaPicture,
    MeetingPicture,
    ModulePicture,
    PartPicture,
    PartyPicture,
    PlacedPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
    SpeakerPicture,
    TariffPicture,
    ThemePicture,
    VenuePicture,
    to_plain,
)


def desk_programme(programme_id: int) -> Programme:
    """The programme with everything a release shows, read afresh."""
    parts = selectinload(Session.parts).joinedload(Part.speaker).joinedload(Speaker.photo)
    meetings = selectinload(Programme.meetings)
    rounds = selectinload(Programme.rounds).selectinload(Round.sessions)
    query = (
        select(Programme)
        .where(Programme.id == programme_id)
        .options(
            joinedload(Programme.organiser),
            selectinload(Programme.parties),
            selectinload(Programme.modules),
            selectinload(Programme.tariffs),
            meetings.joinedload(Meeting.venue),
            meetings.selectinload(Meeting.agenda)
            .selectinload(AgendaItem.parts)
            .joinedload(Part.speaker)
            .joinedload(Speaker.photo),
            rounds.options(
                parts, joinedload(Session.room), joinedload(Session.workshop).joinedload(Workshop.theme)
            ),
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).unique().one()


def mark_of(picture: ProgrammePicture, placed: PlacedPicture, after: int | None) -> str:
    """A short mark of what a release would hold that comes after number `after`: another mark means that
    somebody changed the desk, or released.
    """
    said = json.dumps([to_plain(picture), to_plain(placed), after], sort_keys=True)
    return hashlib.blake2b(said.encode(), digest_size=9).hexdigest()


def placed_of_desk(programme: Programme) -> PlacedPicture:
    """The join links of meetings and sessions, by uid."""
    things: list[Meeting | Session] = [
        *programme.meetings,
        *(s for r in programme.rounds for s in r.sessions),
    ]
    return PlacedPicture(join_urls={thing.uid: thing.join_url for thing in things if thing.join_url})


def draw(programme: Programme) -> ProgrammePicture:
    """Everything public of the programme, frozen."""
    items = {item.round_id: item for m in programme.meetings for item in m.agenda if item.round_id}
    themes = {s.workshop.theme for r in programme.rounds for s in r.sessions if s.workshop.theme}
    return ProgrammePicture(
        id=programme.id,
        slug=programme.slug,
        organiser=programme.organiser.slug,
        organiser_name=programme.organiser.name,
        kind=programme.kind,
        kind_words=programme.kind_words,
        title=programme.title,
        summary=programme.summary,
        text_html=programme.text_html,
        note=programme.note,
        language=programme.language,
        by_delegation=programme.by_delegation,
        seats_min=programme.seats_min,
        seats_max=programme.seats_max,
        registration_opens_at=programme.registration_opens_at,
        registration_closes_at=programme.registration_closes_at,
        choosing_opens_at=programme.choosing_opens_at,
        choosing_closes_at=programme.choosing_closes_at,
        partners_choose_at=programme.partners_choose_at,
        moving_up=programme.moving_up,
        wished_mix=tuple(programme.wished_mix or ()),
        substitutes_approved=programme.substitutes_approved,
        late_substitutes=programme.late_substitutes,
        repeats_allowed=programme.repeats_allowed,
        moving_up_stops=programme.moving_up_stops,
        offer_hours=programme.offer_hours,
        offer_lapsed=programme.offer_lapsed,
        seats_go_on=programme.seats_go_on,
        delegations_max=programme.delegations_max,
        delegations_approved=programme.delegations_approved,
        reminder_days=tuple(programme.reminder_days or ()),
        by_invitation=programme.by_invitation,
        conditions_html=Wording(render(programme.conditions.nl), render(programme.conditions.en)),
        conditions_version=programme.conditions_version if programme.conditions else 0,
        cancelled=programme.cancelled_at is not None,
        reference=programme.reference,
        network=programme.organiser.network,
        target_groups=tuple(programme.target_groups),
        target_groups_en=tuple(programme.target_groups_en),
        questions=tuple(programme.questions),
        questions_en=tuple(programme.questions_en),
        parties=tuple(PartyPicture(party.name, party.role) for party in programme.parties),
        modules=tuple(
            ModulePicture(m.title, m.text_html, tuple(m.goals), tuple(m.goals_en)) for m in programme.modules
        ),
        themes=tuple(ThemePicture(t.key, t.name, t.glyph) for t in sorted(themes, key=lambda t: t.id)),
        meetings=tuple(_meeting(meeting) for meeting in programme.meetings),
        rounds=tuple(_round(programme, round, items.get(round.id)) for round in programme.rounds),
        speakers=_speakers(programme),
        tariffs=tuple(
            TariffPicture(
                id=t.id,
                unit=t.unit,
                audience=t.audience,
                amount=t.amount,
                from_on=t.from_on,
                until_on=t.until_on,
                vat_category=t.vat_category,
                vat_rate=t.vat_rate,
                vat_ground=t.vat_ground,
                level=t.level,
            )
            for t in programme.tariffs
        ),
    )


def _meeting(meeting: Meeting) -> MeetingPicture:
    venue = meeting.venue
    return MeetingPicture(
        id=meeting.id,
        uid=meeting.uid,
        position=meeting.position,
        title=meeting.title,
        text=meeting.text,
        on=meeting.on,
        start=meeting.start,
        end=meeting.end,
        zone=meeting.zone,
        starts_at=_moment(meeting, meeting.start),
        ends_at=_moment(meeting, meeting.end),
        venue=VenuePicture(venue.name, venue.street, venue.postcode, venue.city, venue.access)
        if venue
        else None,
        online=meeting.online,
        cancelled=meeting.cancelled_at is not None or meeting.programme.cancelled_at is not None,
        nominations_close_at=meeting.nominations_close_at,
        agenda=tuple(_item(meeting, item) for item in meeting.agenda),
    )


def _item(meeting: Meeting, item: AgendaItem) -> AgendaPicture:
    return AgendaPicture(
        uid=item.uid,
        start=item.start,
        end=item.end,
        kind=item.kind,
        title=item.title,
        text=item.text,
        round_id=item.round_id,
        parts=tuple(_part(part) for part in item.parts),
        starts_at=_moment(meeting, item.start),
        ends_at=_moment(meeting, item.end),
    )


def _part(part: Part) -> PartPicture:
    speaker = part.speaker
    return PartPicture(
        name=speaker.name if speaker else part.affiliation,
        slug=speaker.slug if speaker else "",
        role=part.role,
        affiliation=part.affiliation if speaker else "",
        function=part.function,
    )


def _round(programme: Programme, round: Round, item: AgendaItem | None) -> RoundPicture:
    meeting = next(meeting for meeting in programme.meetings if meeting.id == round.meeting_id)
    if item is None:
        raise Refusal(
            "round_without_time", N_("Round %(number)s has no place in the agenda."), number=round.number
        )
    ends_at = _moment(meeting, item.end)
    later = (m for i in meeting.agenda if i.position > item.position and (m := _moment(meeting, i.start)))
    return RoundPicture(
        id=round.id,
        number=round.number,
        title=round.title,
        meeting_id=round.meeting_id,
        start=item.start,
        end=item.end,
        starts_at=_moment(meeting, item.start),
        ends_at=ends_at,
        busy_until=ends_at or next(later, None) or _moment(meeting, meeting.end),
        filling=round.filling,
        sessions=tuple(_session(programme, meeting, round, session) for session in round.sessions),
    )


def _session(programme: Programme, meeting: Meeting, round: Round, session: Session) -> SessionPicture:
    """A session as it is given; with its meeting or its programme it does not go on either."""
    workshop = session.workshop
    givings = [(r, s) for r in programme.rounds for s in r.sessions if s.workshop_id == workshop.id]
    return SessionPicture(
        id=session.id,
        uid=session.uid,
        number=session.number or 0,
        code=code(round.number, session.number),
        workshop_id=workshop.id,
        title=workshop.title,
        abstract_html=workshop.abstract_html,
        text_html=session.text_html,
        theme=workshop.theme.key if workshop.theme else "",
        room=session.room.name if session.room else "",
        capacity=session.capacity,
        asks_questions=workshop.asks_questions,
        cancelled=any(thing.cancelled_at is not None for thing in (programme, meeting, session)),
        also=tuple(code(r.number, s.number) for r, s in givings if s.id != session.id),
        parts=tuple(_part(part) for part in session.parts),
    )


def code(round_number: int, number: int | None) -> str:
    """By which people find a session on every page, mail and door: `1.07`."""
    return f"{round_number}.{number or 0:02d}"


def _speakers(programme: Programme) -> tuple[SpeakerPicture, ...]:
    codes: dict[Speaker, list[str]] = {}
    stage = {p.speaker for m in programme.meetings for item in m.agenda for p in item.parts if p.speaker}
    for round in programme.rounds:
        for session in round.sessions:
            for speaker in _people(session.parts):
                codes.setdefault(speaker, []).append(code(round.number, session.number))
    return tuple(
        SpeakerPicture(
            slug=speaker.slug,
            name=speaker.name,
            sort_key=speaker.sort_key,
            function=speaker.function,
            affiliation=speaker.affiliation,
            biography_html=speaker.biography_html,
            codes=tuple(codes.get(speaker, ())),
            on_stage=speaker in stage,
            photo=speaker.photo.key if speaker.photo else "",
            photo_alt=speaker.photo_alt if speaker.photo else Wording(),
        )
        for speaker in sorted(stage | codes.keys(), key=lambda s: (s.sort_key, s.id))
    )


def _people(parts: Iterable[Part]) -> list[Speaker]:
    return [part.speaker for part in parts if part.speaker]


def _moment(meeting: Meeting, at: str) -> datetime | None:
    """The moment of a time as said, once the day is known."""
    if meeting.on is None or not at:
        return None
    return to_utc(meeting.on, time.fromisoformat(at), meeting.zone).astimezone(UTC)
