"""What a channel wishes of a publication: from the options that people give, and back to words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from bot import filters
from bot.commands.desk import called
from bot.errors import UsageError
from bot.model import NORMAL, ROLE, SILENT, Extra, OnCorrection, OnWithdrawal, Site, Style, Subscription
from bot.words import LANGUAGES, NOTHING, _


class Notify(StrEnum):
    """Whether a new card makes a sound."""

    NORMAL = NORMAL
    SILENT = SILENT


class Language(StrEnum):
    """The languages of the bot's own words; AUTO follows each reader."""

    AUTO = "auto"
    EN = LANGUAGES[0]
    ZH = LANGUAGES[1]
    DE = LANGUAGES[2]


def adjusted(
    old: Subscription,
    style: Style | None = None,
    notify: Notify | None = None,
    role: str = "",
    include: str = "",
    exclude: str = "",
    corrections: OnCorrection | None = None,
    withdrawals: OnWithdrawal | None = None,
    crosspost: bool | None = None,
    thread: bool | None = None,
) -> Subscription:
    """The subscription with what was asked for; what was not stays as it is."""
    quiet = role.casefold() in NOTHING
    if role and not quiet and notify is Notify.SILENT:
        raise UsageError(_("A card that notifies a role makes a sound: give either a role or silent."))
    loud = f"{ROLE}{role}" if role and not quiet else notify and notify.value
    return replace(
        old,
        style=style or old.style,
        notify=loud or (NORMAL if quiet and old.notify.startswith(ROLE) else old.notify),
        filters=filters.Filters(_terms(include, old.filters.include), _terms(exclude, old.filters.exclude)),
        on_correction=corrections or old.on_correction,
        on_withdrawal=withdrawals or old.on_withdrawal,
        extras=frozenset(
            extra
            for extra, wished in ((Extra.CROSSPOST, crosspost), (Extra.THREAD, thread))
            if (extra in old.extras if wished is None else wished)
        ),
    )


def how_read(site: Site) -> str:
    """How the site is read, in words."""
    said = _("It is read by its REST API at {endpoint}.")
    if site.reader == "feed":
        said = _(
            "It is read by its feed at {endpoint}, since it has no open REST API: no more is seen than stands there."
        )
    return said.format(endpoint=site.endpoint)


def _terms(text: str, old: tuple[filters.Term, ...]) -> tuple[filters.Term, ...]:
    if text.strip().casefold() in NOTHING:
        return ()
    return filters.parse(text) if text.strip() else old


def all_settings(site: Site, wishes: Subscription, language: str, word: Callable[[str], str], role: str) -> str:
    """All settings of a subscription, each with the option that changes it."""
    nothing = _("nothing")
    values = {
        "style": word(wishes.style),
        "notify": word(NORMAL if role else wishes.notify),
        "role": role or _("nobody"),
        "include": ", ".join(map(str, wishes.filters.include)) or _("everything"),
        "exclude": ", ".join(map(str, wishes.filters.exclude)) or nothing,
        "corrections": word(wishes.on_correction),
        "withdrawals": word(wishes.on_withdrawal),
        **{extra.value: _("yes") if extra in wishes.extras else _("no") for extra in Extra},
        "language": word(language or Language.AUTO),
    }
    return "\n".join([called(site), *(f"{word(name)}: {value}" for name, value in values.items())])
