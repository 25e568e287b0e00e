"""Commands: prepare the database, load the demo, do the work
that waits, draw and verify a draw, renew municipalities.
"""

import copy
import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from learning import migrate
from learning.config import PREFIX, BadSettings
from learning.kit import jobs, secret_routes
from learning.kit.db import unprepared, unreachable
from learning.kit.errors import Refusal
from learning.lottery.exchange import NotAnInstance, instance_of, outcome_of, problem_of, result_of
from learning.lottery.rules import POLICIES, Outcome, Problem, check, commitment, impossible, worth
from learning.office import machine
from learning.office.commands import COMMANDS, tell_first_start
from learning.organisations import renewing
from learning.people.commands import staff


def add_commands(app: Flask) -> None:
    """Register the commands with the app."""
    for command in (*with_settings(), *on_files()):
        app.cli.add_command(_speaking(command))


def with_settings() -> tuple[click.Command, ...]:
    """The commands that work on this installation."""
    return (
        prepare,
        work,
        sweep,
        demo,
        machine.doctor,
        machine.backup,
        machine.restore,
        secret_addresses,
        staff,
        *COMMANDS,
    )


def on_files() -> tuple[click.Command, ...]:
    """The commands on files alone: they need no settings and no database."""
    return (draw, verify_draw, renew_municipalities)


def without_settings(error: BadSettings) -> Flask:
    """What is left of the app when its settings are wrong:
    the commands on files; all others tell what is wrong.

    Raises SystemExit with the same words when it is not a command that asks for the app.
    """
    asking = click.get_current_context(silent=True)
    if asking is None or not isinstance(asking.command, click.Group):
        raise SystemExit(str(error))
    app = Flask("learning")
    for command in on_files():
        app.cli.add_command(command)
    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    for command in with_settings():
        app.cli.add_command(
            click.Command(
                command.name, callback=_telling(error), help=command.help, context_settings=anything
            )
        )
    return app


def _telling(error: BadSettings) -> Callable[[], None]:
    def tell() -> None:
        raise click.ClickException(str(error))

    return tell


def _speaking(command: click.Command) -> click.Command:
    """The command with a sentence, instead of a traceback,
    where the database does not answer or was not prepared.
    """
    if isinstance(command, click.Group):
        group = copy.copy(command)
        group.commands = {name: _speaking(inner) for name, inner in command.commands.items()}
        return group
    run = command.callback
    assert run is not None

    @functools.wraps(run)
    def speak(*args: Any, **values: Any) -> Any:
        try:
            return run(*args, **values)
        except DBAPIError as error:
            if why := unreachable(error):
                raise click.ClickException(
                    f"The database of {PREFIX}DATABASE_URL does not answer: {why}"
                ) from None
            if unprepared(error):
                raise click.ClickException(
                    "The database has not the tables of this version. Run flask prepare."
                ) from None
            raise

    spoken = copy.copy(command)
    spoken.callback = speak
    return spoken


@click.command()
@click.option("--no-backup", is_flag=True, help="Do not make a backup of an existing database first.")
def prepare(no_backup: bool) -> None:
    """Make the database, or bring it to this version; an
    existing one is backed up first, into INSTANCE/backups.
    """
    before = migrate.current()
    migrate.refuse_newer(before)
    saved = machine.before_migrating() if before and before != migrate.head() and not no_backup else None
    migrate.upgrade()
    if saved is not None:
        machine.note(saved)
    click.echo("The database is up to date." if before == migrate.head() else "The database is prepared.")
    tell_first_start()


@click.command()
def work() -> None:
    """Send mail and make documents until told to stop."""
    jobs.work(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("secret-addresses")
def secret_addresses() -> None:
    """Print the expression that fits every secret address, for the proxy in front."""
    click.echo(secret_routes.location(current_app._get_current_object()))  # type: ignore[attr-defined]


@click.command()
def sweep() -> None:
    """Do what waits, and stop."""
    while jobs.sweep():
        time.sleep(jobs.SOON)


@click.command()
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day as of which the demo is loaded.")
def demo(today: datetime | None) -> None:
    """Load the demo into an empty database."""
    from learning.demo.load import load

    try:
        load(today.date() if today else date.today(), out=click.echo)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None


@click.command()
@click.argument("instance", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("result", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--policy", type=click.Choice(POLICIES), help="How to decide; else as the instance says.")
@click.option("--seed", help="The seed of the lots; else that of the instance.")
@click.option("--time-limit", type=float, help="Stop after so many seconds with the best that is known.")
def draw(
    instance: Path, result: Path, policy: str | None, seed: str | None, time_limit: float | None
) -> None:
    """Draw INSTANCE (workshop-allocation/1), write RESULT, and print what it is worth."""
    problem = _problem(_json(instance))
    rules = replace(
        problem.rules,
        policy=policy or problem.rules.policy,
        seed=problem.rules.seed if seed is None else seed,
    )
    problem = replace(problem, rules=rules)
    outcome, more = _drawn(problem, time_limit)
    values = worth(problem, outcome.assignment)
    result.write_text(
        json.dumps(result_of(outcome, objective=values, **more), indent=1, ensure_ascii=False) + "\n", "utf8"
    )
    for name, value in values.items():
        click.echo(f"{name}: {value}")
    click.echo(f"proven: {'yes' if outcome.proven else 'no, the time was over'}")


@click.command("verify-draw")
@click.argument("audit", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_draw(audit: Path) -> None:
    """Draw once more what AUDIT, the published file of a draw, describes, and compare."""
    told = _json(audit)
    if not isinstance(told, dict) or not {"instance", "result"} <= told.keys():
        raise click.ClickException("The file must hold an instance and a result.")
    problem = _problem(told["instance"])
    try:
        said = outcome_of(told["result"])
    except NotAnInstance as wrong:
        raise click.ClickException(str(wrong)) from None
    if "commitment" in told and told["commitment"] != commitment(problem.rules.seed):
        raise click.ClickException("The seed is not the one that was committed to before the draw.")
    broken = check(problem, said.assignment)
    if broken:
        raise click.ClickException(
            f"The result breaks a rule: {broken[0].attendee or broken[0].session}: {broken[0].words}."
        )
    outcome, _more = _drawn(problem, None)
    other = sorted(id for id in outcome.assignment if _seats(outcome, id) != _seats(said, id))
    if other:
        raise click.ClickException(
            f"{len(other)} people sit elsewhere when drawn again, the first is {other[0]}."
        )
    click.echo(f"Verified: {len(outcome.assignment)} people sit where the draw puts them.")


@click.command("renew-municipalities")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def renew_municipalities(file: Path) -> None:
    """Put FILE, a newer list with the columns of
    learning/organisations/data/municipalities.csv, in its place.
    """
    try:
        began, ended = renewing.renew(file)
    except renewing.NotRenewed as no:
        for words in no.wrong[:100]:
            click.echo(words, err=True)
        raise click.ClickException(f"Nothing was changed: {len(no.wrong)} things are not right.") from None
    except OSError as wrong:
        raise click.ClickException(f"Nothing was changed: {wrong}") from None
    click.echo(f"Renewed: {began} municipalities began, {ended} ended. Restart the app to use the list.")


def _seats(outcome: Outcome, attendee: str) -> dict[str, str]:
    return {
        round: session
        for round, session in outcome.assignment.get(attendee, {}).items()
        if session is not None
    }


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf8"))
    except (OSError, ValueError) as wrong:
        raise click.ClickException(f"{path} is no JSON: {wrong}") from None


def _problem(plain: Any) -> Problem:
    try:
        problem = problem_of(plain)
    except NotAnInstance as wrong:
        raise click.ClickException(f"This is no instance: {wrong}.") from None
    broken = impossible(problem)
    if broken:
        raise click.ClickException(
            "No draw can keep these fixed seats: "
            f"{broken[0].attendee or broken[0].session}: {broken[0].words}."
        )
    return problem


def _drawn(problem: Problem, time_limit: float | None) -> tuple[Outcome, dict[str, Any]]:
    """Let the program of its own draw, and look at what it gives before anybody keeps it."""
    question = instance_of(problem) | ({"_time_limit": time_limit} if time_limit is not None else {})
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "learning.lottery.solver"],
        input=json.dumps(question), stdout=subprocess.PIPE, text=True, cwd=root, check=False,
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        raise click.ClickException("No outcome that keeps the rules was found.")
    plain = json.loads(done.stdout)
    outcome = outcome_of(plain)
    broken = check(problem, outcome.assignment)
    if broken:
        raise click.ClickException(f"The draw broke a rule and is not kept: {broken[0]}")
    return outcome, {"stages": plain["_stages"], "solver": plain["_solver"]}
