"""The commands, as the command line offers them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import UsageError
from bot.operating.opened import settings, with_parts

if TYPE_CHECKING:
    from bot.app import Parts


def audit(*, since: str = "7d", look: bool = False) -> None:
    """Compare what each site shows now with what each channel was given; writes nothing, and may run beside the bot.

    Exit status 1 when something differs or could not be compared; then each difference is listed, with what to do.

    Parameters
    ----------
    since
        How far back: 7d, 36h, or a moment such as 2026-11-25T10:00Z.
    look
        Ask the platforms, too, whether the messages really stand.
    """
    wrong: list[object] = []

    async def compare(parts: Parts) -> None:
        from bot.operating import audit

        begin = _since(since, parts.clock.now())
        findings = await audit.audit(parts, begin, look=look)
        for line in audit.told(findings, begin):
            print(line)
        wrong.extend((*findings.differences, *findings.untold))

    with_parts(compare)
    if wrong:
        raise SystemExit(1)


def backup(file: Path, *, force: bool = False) -> None:
    """Copy the database into a file, while the bot runs or not.

    To restore it, stop the bot and put the copy in the database's place, with no -wal and -shm file beside it. The next
    run knows that it is a copy and says nothing twice.

    Parameters
    ----------
    file
        Where the copy goes; only its owner may read it, since tokens are kept in it.
    force
        Replace a file that is there.
    """

    async def copy(parts: Parts) -> None:
        size = await parts.door(parts.store.copy_to, file, parts.clock.now(), replace=force)
        print(f"{file}: {size:,} bytes, checked. Restore it by putting it in the place of {parts.store.where}.")

    with_parts(copy)


def restored(moment: str) -> None:
    """Say that the database is a copy taken at MOMENT, which `backup` did not make; the next run says nothing twice.

    For what pg_restore brought back, or a snapshot of the disk. Say it before the bot starts.

    Parameters
    ----------
    moment
        When it was taken, or a little earlier: 2026-11-25T10:00Z; in UTC, where it names no zone.
    """
    taken = _moment(moment)

    async def note(parts: Parts) -> None:
        now = parts.clock.now()
        if taken > now:
            raise UsageError(f"{moment} is yet to come.")
        await parts.door(parts.store.mark_restored, taken, now)
        print(f"Noted: the next run looks for what was posted since {taken:%Y-%m-%d %H:%M} UTC before it posts.")

    with_parts(note)


def move(to: str) -> None:
    """Move all that is in SQLite into an empty PostgreSQL database, with the bot stopped; broken off, it goes on.

    The tables are compared at the end, and the file stays as it is.

    Parameters
    ----------
    to
        The new database, as PULLQUOTE_DATABASE_URL takes it: postgresql+psycopg://user@host/name.
    """
    from bot.store import moving

    source = settings().sqlalchemy_url
    shown = {"table": "", "tenth": -1}

    def tell(table: str, there: int, total: int) -> None:
        tenth = there * 10 // total if total else 10
        if (table, tenth) != (shown["table"], shown["tenth"]):
            print(f"{table}: {there:,} of {total:,}", flush=True)
        shown.update(table=table, tenth=tenth)

    for table, digest in moving.move(source, to, datetime.now(UTC), tell).items():
        print(f"{table}: {digest}, the same on both sides")
    print("All is there. Set PULLQUOTE_DATABASE_URL to the new database, and start the bot.")
    print("The old file stays as it was; to go back to it one day, say `pullquote restored` with the moment of now.")


_AGO = re.compile(r"([1-9]\d{0,3})([dh])")


def _since(text: str, now: datetime) -> datetime:
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{{"d": "days", "h": "hours"}[ago[2]]: int(ago[1])})
    return _moment(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no moment: write for example 2026-11-25T10:00Z.") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


COMMANDS = (audit, backup, move, restored)
