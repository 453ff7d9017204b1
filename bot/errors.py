"""Errors named by what to do about them. The message says what happened, what it means and how to mend it."""

from __future__ import annotations

import json
from typing import Any

from bot.words import _


class PullquoteError(Exception):
    """Anything Pullquote foresaw; its message is meant for people."""


class SettingsError(PullquoteError):
    """A setting is missing or wrong: the operator mends it and starts again."""


class UsageError(PullquoteError):
    """A person asked for what cannot be: they ask again, differently."""


class SourceError(PullquoteError):
    """A site could not be read now; `after` is the least number of seconds to wait, when the site said one.

    `why` is a text for `bot.words._`, with `facts` in its braces; it is said in the language spoken when it is read.
    """

    def __init__(self, why: str, /, after: float | None = None, **facts: object) -> None:
        super().__init__(why)
        self.why, self.after, self.facts = why, after, facts

    def __str__(self) -> str:
        said = _(self.why)
        return said.format(**self.facts) if self.facts else said

    def dumps(self) -> str:
        """As a text for the database, for readers of any language."""
        return json.dumps(self._parts(), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> SourceError:
        """What `dumps` wrote; any other text is a reason as it stands."""
        try:
            return cls._of(json.loads(text))
        except (ValueError, TypeError, AttributeError):
            return cls(text)

    def _parts(self) -> list[Any]:
        facts = self.facts.items()
        return [self.why, {name: fact._parts() if isinstance(fact, SourceError) else fact for name, fact in facts}]

    @classmethod
    def _of(cls, parts: Any) -> SourceError:
        why, facts = parts
        made = cls(why)
        made.facts = {name: cls._of(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}
        return made


class Unreachable(SourceError):
    """No server answered at all: it may be the site that is down, or this machine that is cut off."""


class Closed(SourceError):
    """A site has no REST API that is open to readers; it may have a feed."""


class Gone(SourceError):
    """The site says that there is nothing any more, and never will be."""


class Blocked(SourceError):
    """A URL leads where Pullquote does not go (a private address, a scheme that is not http)."""


class StoreError(PullquoteError):
    """The database refused: nothing may be sent until it answers again."""


class Damaged(StoreError):
    """The database's file is broken: somebody puts a backup in its place, and until then nothing can be done."""


class AdapterError(PullquoteError):
    """What a chat platform answered, in terms of what to do about it."""


class TryLater(AdapterError):
    """Not now: the same call may succeed later.

    `after`: least seconds to wait, when the platform said so. `maybe_done`: whether the platform may have carried
    the call out all the same (a time-out, a broken connection, a 5xx); False only when it certainly did not.
    `everywhere`: whether the whole platform has to wait, not this channel alone.
    """

    def __init__(
        self, why: str, after: float | None = None, *, maybe_done: bool = True, everywhere: bool = False
    ) -> None:
        super().__init__(why)
        self.after, self.maybe_done, self.everywhere = after, maybe_done, everywhere


class Refused(AdapterError):
    """Never, until a person changes something (permission, membership, the card): certainly not carried out."""


class Vanished(AdapterError):
    """The message stood and someone removed it: it is not said again."""


class CannotLook(AdapterError):
    """The channel's history cannot be read, so nothing is known of what stands there."""


class CannotLogIn(AdapterError):
    """The platform refuses the credentials: the adapter stops for good, the others go on."""
