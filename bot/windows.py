"""How long a platform recognises a repeated post, and how late one may take effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Windows:
    """How a platform treats a repeated post.

    `resend`: for how long after the first attempt the same key may be sent again and is recognised.
    `settle`: how long after the last one it takes until looking proves absence.
    `late`: within which time of `Adapter.post` being called a request takes effect, or never does.
    `known`: for how long the platform recognises a key after the message was made, at least.

    The guarantee stands on `resend + late <= known` and `late <= settle`: `wrong` says what of that does not hold.
    """

    resend: timedelta
    settle: timedelta
    late: timedelta = timedelta(0)
    known: timedelta = timedelta.max

    @classmethod
    def of_seconds(cls, *, resend: float, settle: float, late: float, known: float) -> Self:
        """From seconds, as settings have them."""
        spans = (timedelta(seconds=seconds) for seconds in (resend, settle, late, known))
        return cls(*spans)

    def wrong(self, prefix: str) -> Sequence[str]:
        """One sentence for each condition that does not hold, in the names of the settings that begin so."""
        found = []
        if self.resend + self.late > self.known:
            found.append(
                f"{prefix}RESEND: expected at most {prefix}KNOWN less {prefix}LATE, which is "
                f"{(self.known - self.late).total_seconds():g}: else a repeat could come when its key is forgotten."
            )
        if self.settle < self.late:
            found.append(
                f"{prefix}SETTLE: expected at least {prefix}LATE, which is {self.late.total_seconds():g}: "
                "else a card could arrive after it was looked for."
            )
        return found
