"""The exchange format of the fair draw (`workshop-allocation/1`):
instances and results as JSON, read with care.
"""

from collections.abc import Mapping
from typing import Any

from learning.lottery.rules import FALLBACKS, POLICIES, Attendee, Outcome, Problem, Rules, Session

FORMAT = "workshop-allocation/1"
IGNORED = {"proven"}


class NotAnInstance(ValueError):
    """This is no instance or result of the format; the message says where and why."""


def problem_of(plain: Any) -> Problem:
    """The problem that an instance describes. Raises NotAnInstance."""
    top = _fields(plain, "the file", {"format", "name", "rounds", "sessions", "attendees", "rules"})
    if top.get("format") != FORMAT:
        raise NotAnInstance(f"the file does not say that its format is {FORMAT}")
    rounds = tuple(_text(round, "rounds") for round in _list(top.get("rounds"), "rounds"))
    if len(set(rounds)) != len(rounds):
        raise NotAnInstance("rounds: one is named twice")
    sessions = tuple(_session(row, set(rounds)) for row in _list(top.get("sessions"), "sessions"))
    known = {session.id: session for session in sessions}
    if len(known) != len(sessions):
        raise NotAnInstance("sessions: two have the same id")
    people = tuple(_attendee(row, set(rounds), known) for row in _list(top.get("attendees"), "attendees"))
    if len({person.id for person in people}) != len(people):
        raise NotAnInstance("attendees: two have the same id")
    name = top.get("name", "")
    return Problem(
        rounds, sessions, people, _rules(top.get("rules", {})), name if isinstance(name, str) else ""
    )


def instance_of(problem: Problem) -> dict[str, Any]:
    """The instance that describes a problem; rows in order of their ids, what is not said left out."""
    rules: dict[str, Any] = {
        "required_choices": problem.rules.required_choices,
        "unlisted_penalty": problem.rules.unlisted_penalty,
        "fallback": problem.rules.fallback,
        "seed": problem.rules.seed,
    }
    if problem.rules.policy != "balanced":
        rules["policy"] = problem.rules.policy
    if problem.rules.spread_groups:
        rules["spread_groups"] = True
    return {
        "format": FORMAT,
        "name": problem.name,
        "rounds": list(problem.rounds),
        "sessions": [_plain_session(session) for session in sorted(problem.sessions, key=lambda s: s.id)],
        "attendees": [
            _plain_attendee(attendee) for attendee in sorted(problem.attendees, key=lambda a: a.id)
        ],
        "rules": rules,
    }


def outcome_of(plain: Any) -> Outcome:
    """The outcome that a result describes. Raises NotAnInstance."""
    top = _fields(plain, "the result", {"assignment", "cancelled"})
    rows = top.get("assignment")
    if not isinstance(rows, dict) or not all(isinstance(mine, dict) for mine in rows.values()):
        raise NotAnInstance("assignment: it must say for each person which session in which round")
    for id, mine in rows.items():
        for round, session in mine.items():
            if session is not None and not isinstance(session, str):
                raise NotAnInstance(f"assignment of {id} in {round}: name a session, or null")
    cancelled = tuple(_text(id, "cancelled") for id in _list(top.get("cancelled", []), "cancelled"))
    return Outcome({id: dict(mine) for id, mine in rows.items()}, cancelled, plain.get("proven") is True)


def result_of(outcome: Outcome, **more: Any) -> dict[str, Any]:
    """The result that describes an outcome; `more` is written with an underscore, which readers pass over."""
    rows = {id: dict(sorted(mine.items())) for id, mine in sorted(outcome.assignment.items())}
    extra = {f"_{name}": value for name, value in more.items()}
    return {"assignment": rows, "cancelled": list(outcome.cancelled), "proven": outcome.proven, **extra}


def _session(row: Any, rounds: set[str]) -> Session:
    fields = _fields(row, "sessions", {"id", "workshop", "round", "capacity", "min_attendance"})
    id = _text(fields.get("id"), "sessions: id")
    round = _text(fields.get("round"), f"session {id}: round")
    if round not in rounds:
        raise NotAnInstance(f"session {id}: there is no round {round}")
    capacity = _count(fields.get("capacity"), f"session {id}: capacity")
    least = _count(fields.get("min_attendance", 0), f"session {id}: min_attendance")
    return Session(id, _text(fields.get("workshop"), f"session {id}: workshop"), round, capacity, least)


def _attendee(row: Any, rounds: set[str], sessions: Mapping[str, Session]) -> Attendee:
    fields = _fields(row, "attendees", {"id", "choices", "absent", "fixed", "group", "veto"})
    id = _text(fields.get("id"), "attendees: id")

    def known(session: Any, round: str | None, where: str) -> str:
        name = _text(session, where)
        if name not in sessions or round not in (None, sessions[name].round):
            raise NotAnInstance(f"{where}: there is no session {name}{f' in {round}' if round else ''}")
        return name

    choices: dict[str, tuple[str, ...]] = {}
    for round, wishes in _mapping(fields.get("choices", {}), rounds, f"attendee {id}: choices").items():
        names = tuple(
            known(wish, round, f"attendee {id}: choices") for wish in _list(wishes, f"attendee {id}: choices")
        )
        if len(set(names)) != len(names):
            raise NotAnInstance(f"attendee {id}: choices: a session is named twice in {round}")
        choices[round] = names
    away = f"attendee {id}: absent"
    absent = frozenset(_text(round, away) for round in _list(fields.get("absent", []), away))
    if absent - rounds:
        raise NotAnInstance(f"attendee {id}: absent: there is no round {min(absent - rounds)}")
    fixed = _mapping(fields.get("fixed", {}), rounds, f"attendee {id}: fixed")
    kept = {round: known(session, round, f"attendee {id}: fixed") for round, session in fixed.items()}
    veto = frozenset(
        known(s, None, f"attendee {id}: veto") for s in _list(fields.get("veto", []), f"attendee {id}: veto")
    )
    group = fields.get("group")
    return Attendee(
        id, choices, absent, kept, _text(group, f"attendee {id}: group") if group is not None else None, veto
    )


def _rules(row: Any) -> Rules:
    known = {"required_choices", "unlisted_penalty", "fallback", "seed", "policy", "spread_groups"}
    fields = _fields(row, "rules", known)
    policy, fallback = fields.get("policy", "balanced"), fields.get("fallback", "any")
    if policy not in POLICIES:
        raise NotAnInstance(f"rules: policy must be one of {', '.join(POLICIES)}")
    if fallback not in FALLBACKS:
        raise NotAnInstance(f"rules: fallback must be one of {', '.join(FALLBACKS)}")
    return Rules(
        policy=policy,
        required_choices=_count(fields.get("required_choices", 3), "rules: required_choices"),
        unlisted_penalty=_count(fields.get("unlisted_penalty", 1), "rules: unlisted_penalty"),
        fallback=fallback,
        seed=_text(fields.get("seed", ""), "rules: seed", empty=True),
        spread_groups=fields.get("spread_groups", False) is True,
    )


def _plain_session(session: Session) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": session.id,
        "workshop": session.workshop,
        "round": session.round,
        "capacity": session.capacity,
    }
    return row | ({"min_attendance": session.min_attendance} if session.min_attendance else {})


def _plain_attendee(attendee: Attendee) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": attendee.id,
        "choices": {r: list(w) for r, w in sorted(attendee.choices.items()) if w},
    }
    row |= {"absent": sorted(attendee.absent)} if attendee.absent else {}
    row |= {"fixed": dict(sorted(attendee.fixed.items()))} if attendee.fixed else {}
    row |= {"group": attendee.group} if attendee.group is not None else {}
    return row | ({"veto": sorted(attendee.veto)} if attendee.veto else {})


def _fields(row: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise NotAnInstance(f"{where}: it must be an object")
    fields = {key: value for key, value in row.items() if not key.startswith("_") and key not in IGNORED}
    unknown = sorted(set(fields) - known)
    if unknown:
        raise NotAnInstance(f"{where}: nobody knows what {unknown[0]} means")
    return fields


def _mapping(row: Any, rounds: set[str], where: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise NotAnInstance(f"{where}: it must be an object with rounds")
    for round in row:
        if round not in rounds:
            raise NotAnInstance(f"{where}: there is no round {round}")
    return row


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise NotAnInstance(f"{where}: it must be a list")
    return value


def _text(value: Any, where: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or (not value and not empty):
        raise NotAnInstance(f"{where}: it must be a text")
    return value


def _count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotAnInstance(f"{where}: it must be a whole number of at least 0")
    return value
