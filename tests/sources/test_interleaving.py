"""Whatever editors do between whatever looks: at rest, what was told is what the site shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.demo.site import SampleSite
from bot.sources.wordpress import Limits
from tests.sources.following import SMALL, START, Clock, Follower, reader


@dataclass(frozen=True)
class Step:
    """One thing that happens; `which` picks a post, `size` an amount."""

    what: str
    which: int
    size: int


WHAT = (
    "publish", "publish", "backdate", "import", "draft", "schedule", "cron", "edit", "edit", "protect", "rename",
    "trash", "untrash", "delete", "tick", "tick", "look", "look", "look",
)  # fmt: skip
STEPS = st.lists(st.builds(Step, st.sampled_from(WHAT), st.integers(0, 60), st.integers(0, 12)), max_size=40)


PUBLISH, LOOK = Step("publish", 0, 0), Step("look", 0, 0)


def happen(site: SampleSite, clock: Clock, step: Step) -> None:
    post = {"title": f"Post {len(site.entries)}", "content": f"<p>{step.which}</p>"}
    ids = sorted(site.entries)
    chosen = ids[step.which % len(ids)] if ids else None
    match step.what:
        case "publish":
            site.publish(post)
        case "backdate":
            site.publish(post, date=clock.now - timedelta(days=step.which, seconds=step.size))
        case "import":
            for number in range(step.size):
                site.publish(post, date=clock.now - timedelta(days=number * step.which))
        case "draft":
            site.draft(post)
        case "schedule":
            site.schedule(post, clock.now + timedelta(seconds=step.size))
        case "cron":
            site.cron()
        case "tick":
            clock.turn(step.size)
        case _ if chosen is not None:
            change(site, chosen, step)


def change(site: SampleSite, post_id: int, step: Step) -> None:
    status = site.entries[post_id].status
    match step.what:
        case "edit":
            site.edit(post_id, content=f"<p>Edited {step.size}</p>")
        case "protect":
            site.protect(post_id, "sesame" if step.size % 2 else "")
        case "rename":
            site.edit(post_id, slug=f"renamed-{step.size}-{post_id}")
        case "trash" if status == "publish":
            site.trash(post_id)
        case "untrash" if status in {"trash", "draft"}:
            site.untrash(post_id)
        case "delete":
            site.delete(post_id)


async def play(before: int, steps: Sequence[Step], limits: Limits) -> tuple[SampleSite, set[int], Follower]:
    """The site, the ids that readers saw at first contact, and a follower that has come to rest."""
    clock = Clock()
    fetcher, source = reader(limits)
    async with SampleSite(clock=clock, gmt_offset=-5) as site:
        for number in range(before):
            site.publish({"title": f"Old {number}"}, date=START - timedelta(days=before - number))
        baseline = {entry.id for entry in site.shown()}
        follower = await Follower.of(source, site)
        for step in steps:
            if step.what == "look":
                await follower.look()
            else:
                happen(site, clock, step)
        clock.turn(30)
        await look_until_rest(follower)
    await fetcher.close()
    return site, baseline, follower


async def look_until_rest(follower: Follower) -> None:
    """Look until nothing has happened from one thorough look to the next."""
    quiet = 0
    for _ in range(400):
        before = follower.site.cursor
        await follower.look()
        quiet = quiet + 1 if follower.site.cursor == before else 0
        if quiet > 2 * SMALL.thorough_every:
            return
    raise AssertionError("the cursor does not come to rest")


def visible(site: SampleSite) -> dict[int, tuple[str, str, bool]]:
    return {
        entry.id: (
            site.link(entry.id),
            "" if entry.password else entry.post["content"]["rendered"],
            bool(entry.password),
        )
        for entry in site.shown()
        if "content" in entry.post
    }


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.integers(0, 12), full_every=st.integers(1, 4), steps=STEPS)
def test_at_rest_what_was_told_is_what_the_site_shows(before: int, full_every: int, steps: list[Step]) -> None:
    site, baseline, follower = asyncio.run(play(before, steps, replace(SMALL, full_every=full_every)))
    told = {
        post_id: (article.url, article.html, article.protected)
        for post_id, article in follower.articles.items()
        if post_id not in follower.withdrawn
    }
    expected = {post_id: shown for post_id, shown in visible(site).items() if post_id not in baseline}
    assert told == expected
    assert follower.twice == []


ARCHIVE = Limits(
    page=5, glance=2, step_back=2, first_pages=2, thorough_every=3, full_every=2, chunk=2, read=3, verified=2
)
"""Reads eight posts at first contact: what is older is the archive."""


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.integers(15, 40), steps=STEPS)
@example(before=26, steps=[*[PUBLISH] * 5, Step("backdate", 10, 1), *[PUBLISH] * 2, LOOK, Step("edit", 31, 0)])
def test_nothing_of_a_large_archive_is_ever_told_as_new_and_nothing_new_is_missed(
    before: int, steps: list[Step]
) -> None:
    site, baseline, follower = asyncio.run(play(before, steps, ARCHIVE))
    assert not follower.articles.keys() & baseline
    shown = visible(site)
    late = {post_id: shown[post_id] for post_id in shown.keys() - baseline}
    told = {post_id: (a.url, a.html, a.protected) for post_id, a in follower.articles.items() if post_id in late}
    assert told == late
    assert not follower.withdrawn & late.keys()
    assert follower.twice == []
