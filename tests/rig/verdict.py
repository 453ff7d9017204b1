"""What differs between channels and sites: each live post once, in order, in its newest words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

NAME = re.compile(r"Story (\d\d)-(\d{3})")
STRUCK = "ithdrawn by its publisher"

Name = tuple[int, int]


@dataclass
class Verdict:
    """What is wrong, in words; `messages` stand in all."""

    messages: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    edits_missed: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """All of it; empty when each card stands exactly once, in order, in its newest state."""
        return self.lost + self.duplicated + self.out_of_order + self.edits_missed + self.strange

    def judge(self, where: str, shown: Iterable[str], live: Mapping[Name, str], withdrawn: Collection[Name]) -> None:
        """Add what a channel shows, oldest first. What was withdrawn may stand struck, or never have come."""
        pairs = [(_name(text), text) for text in shown]
        self.messages += len(pairs)
        counts = Counter(name for name, _ in pairs)
        self.lost += [f"{where}: {name} is missing" for name in live if not counts[name]]
        self.duplicated += [f"{where}: {name} stands {many} times" for name, many in counts.items() if many > 1]
        for name, text in pairs:
            if name in withdrawn and STRUCK not in text:
                self.edits_missed.append(f"{where}: {name} is withdrawn and still stands")
            elif name in live and (live[name] not in text or STRUCK in text):
                self.edits_missed.append(f"{where}: {name} does not say {live[name]!r}: {text[:80]!r}")
            elif name not in live and name not in withdrawn:
                self.strange.append(f"{where}: {text[:80]!r} was never published")
        order: dict[int, list[int]] = defaultdict(list)
        for (site, number), _ in pairs:
            order[site].append(number)
        self.out_of_order += [f"{where}: {site}: {them}" for site, them in order.items() if them != sorted(them)]


def _name(text: str) -> Name:
    found = NAME.search(text)
    return (int(found[1]), int(found[2])) if found else (-1, -1)
