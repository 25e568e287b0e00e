"""Tries and mails, counted: a try that was wrong waits for
its turn, half a minute at most; an address is not flooded.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from learning.kit.db import attempt, db, hold, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.people import emails
from learning.people.actions import HOUR, counted
from learning.people.models import Account, Throttle
from learning.people.rules import (
    FREE,
    FREE_NETWORK,
    GUESSES,
    MAIL_PAUSE,
    OF_PEOPLE,
    OF_STRANGERS,
    Bounds,
    mail_key,
    mail_wait,
    network_of,
    seconds_left,
    wait_after,
)

DAY = timedelta(days=1)
BY_ONE = 300  # mails to others that one account causes in an hour


@dataclass(frozen=True)
class Asker:
    """Who tries: the address they name, the network they
    come from, and the device when the account knows it.
    """

    mail: str
    network: str | None
    device: str = ""

    @property
    def about(self) -> str:
        """The account, known or not, as part of a key."""
        return mail_key(self.mail)[:254]


@dataclass(frozen=True)
class Gate:
    """What a try passes: the count that decides whether one waits, and whose wait that is."""

    count: str
    turn: str
    free: int
    of_account: bool = False


def gates_of(purpose: str, asker: Asker) -> tuple[Gate, ...]:
    """A known device has a gate of its own.

    Others pass the one of their network and the one of the account, where each network
    waits for itself: who tries elsewhere all the time does not keep the owner out.
    """
    if asker.device:
        return (own_gate(purpose, f"device|{asker.device}|{asker.about}"),)
    account = f"{purpose}|address|{asker.about}"
    each = f"{account}|{network_of(asker.network)}"
    return network_gate(purpose, asker.network), Gate(account, each, FREE, of_account=True)


def guess_gate(purpose: str, account: Account | None, network: str | None) -> Gate:
    """The gate of what can be guessed or collected: who is signed
    in passes one of their own, others that of the network.
    """
    free, free_network = GUESSES[purpose]
    if account is not None:
        return own_gate(purpose, f"account|{account.id}", free)
    return network_gate(purpose, network, free_network)


def network_gate(purpose: str, network: str | None, free: int = FREE_NETWORK) -> Gate:
    """The gate of a whole network, which waits together."""
    key = f"{purpose}|network|{network_of(network)}"
    return Gate(key, key, free)


def own_gate(purpose: str, whose: str, free: int = FREE) -> Gate:
    """A gate that only this device or account passes."""
    return Gate(f"{purpose}|{whose}", f"{purpose}|{whose}", free)


def take_turn(*gates: Gate, account: Account | None = None, now: datetime) -> None:
    """Count a try that may go on; refuses with `too_often` and `seconds` when it must wait, right or wrong.

    Who asks again before their turn changes nothing and costs reads
    alone. The owner of `account` is told of it by mail, once a day.
    """
    seconds = _still(gates, now) or _take(gates, account, now=now)
    if seconds:
        words = N_("This was tried too often. Wait another %(seconds)d seconds and send it again.")
        raise Refusal("too_often", words, seconds=seconds)


@transaction(aside=True)
def give_back(*gates: Gate) -> None:
    """The try was right: it does not count."""
    for gate in gates:
        _uncount(gate)


@transaction(aside=True)
def take_mail(asker: Asker, *, now: datetime) -> None:
    """Count a mail that a form for everybody sends to this
    address, whatever it is about; refuses when it has to wait.

    It is the same for addresses that we know and others, so that the answer tells nothing.
    """
    whose = asker.device or network_of(asker.network)
    _take_mail(
        f"mails|{asker.about}", whose, OF_STRANGERS, mail=asker.mail, now=now, known_device=bool(asker.device)
    )


@transaction()
def take_written(mail: str, *, by: Account, now: datetime) -> None:
    """Count a mail to this address by what `by` does; refuses
    when it got too many, or when `by` wrote very many.

    It joins the action that mails: what is refused is not counted.
    """
    _take_mail(_written(mail), f"account {by.id}", OF_PEOPLE, mail=mail, now=now)
    sent = _held(f"written|by|{by.id}", now)
    if sent.count >= BY_ONE:
        left = sent.window_at + HOUR - now
        raise _later(N_("You sent very many mails. Wait another %(minutes)d minutes."), left.total_seconds())
    sent.count += 1


@transaction()
def note_written(mail: str, *, now: datetime) -> None:
    """Count such a mail that is sent whatever the count says, because what it tells of is done."""
    _count_mail(_held(_written(mail), now), now)


def _written(mail: str) -> str:
    return f"written|{mail_key(mail)[:254]}"


def _take_mail(
    key: str, whose: str, bounds: Bounds, *, mail: str, now: datetime, known_device: bool = False
) -> None:
    everybody, mine = _held(key, now), _held(f"{key}|{whose}", now)
    seconds = mail_wait(
        bounds, everybody.count, mine.count, everybody.next_at, now, known_device=known_device
    )
    if seconds:
        words = N_(
            "So many mails went to %(mail)s that we send none now. "
            "Wait another %(minutes)d minutes and send it again."
        )
        raise _later(words, seconds, mail=mail)
    _count_mail(everybody, now)
    mine.count += 1


def _count_mail(everybody: Throttle, now: datetime) -> None:
    everybody.count, everybody.next_at = everybody.count + 1, now + MAIL_PAUSE


def _later(words: str, seconds: float, **values: str) -> Refusal:
    """At least 2 minutes, so that words have one number."""
    return Refusal("too_often", words, seconds=ceil(seconds), minutes=max(2, ceil(seconds / 60)), **values)


def _still(gates: tuple[Gate, ...], now: datetime) -> int:
    """The seconds that are left for who was told to wait, by reading alone."""
    keys = [key for gate in gates for key in (gate.count, gate.turn)]
    rows = {row.key: row for row in db.session.scalars(select(Throttle).where(Throttle.key.in_(keys)))}
    for gate in gates:
        count, turn = rows.get(gate.count), rows.get(gate.turn)
        if (
            count is not None
            and turn is not None
            and turn.next_at is not None
            and count.window_at > now - HOUR
        ):
            seconds = seconds_left(count.count, gate.free, turn.next_at, now)
            if seconds:
                return seconds
    return 0


@transaction(aside=True)
def _take(gates: tuple[Gate, ...], account: Account | None, *, now: datetime) -> int:
    for place, gate in enumerate(gates):
        seconds = _pass(gate, now)
        if gate.of_account and account is not None and (seconds or _held(gate.count, now).count > gate.free):
            _tell(account, now)
        if seconds:
            for passed in gates[:place]:
                _uncount(passed)
            return seconds
    return 0


def _tell(account: Account, now: datetime) -> None:
    if counted(f"told|{account.id}", 1, DAY, now):
        emails.many_tries(account, now=now)


def _pass(gate: Gate, now: datetime) -> int:
    count = _held(gate.count, now)
    if count.count < gate.free:
        count.count += 1
        return 0
    turn = count if gate.turn == gate.count else _held(gate.turn, now)
    seconds = seconds_left(count.count, gate.free, turn.next_at, now)
    if not seconds:
        count.count += 1
        turn.next_at = now + timedelta(seconds=wait_after(count.count, gate.free))
    elif turn.next_at is None:
        turn.next_at = now + timedelta(seconds=seconds)
    return seconds


def _uncount(gate: Gate) -> None:
    row = update(Throttle).where(Throttle.key == gate.count, Throttle.count > 0)
    db.session.execute(row.values(count=Throttle.count - 1).execution_options(synchronize_session="fetch"))


def _held(key: str, now: datetime) -> Throttle:
    """The count of this hour, locked for this transaction."""
    found = select(Throttle).where(Throttle.key == key)
    row = next(iter(hold(found)), None)
    if row is None:
        try:
            with attempt():
                row = Throttle(key=key, window_at=now, count=0)
                db.session.add(row)
                db.session.flush()
        except IntegrityError:  # somebody counted the first one a moment ago
            [row] = hold(found)
    if row.window_at <= now - HOUR:
        row.window_at, row.count = now, 0
    return row
