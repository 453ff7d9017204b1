"""What can become of a post in WordPress, and what a follower is told of it: one row each, carried out in one go."""

from __future__ import annotations

from dataclasses import dataclass

NEW, CHANGED, WITHDRAWN, NOTHING = "new", "changed", "withdrawn", ""
SAME = "the same"
"""Nothing, or as changed what was told before."""


@dataclass(frozen=True)
class Row:
    """A post and two things that happen to it, in PHP, with what is told after each; `$id` is its number.

    `before`: what it differs in from a post that is published while it is followed.
    """

    title: str
    first: str
    told: str
    then: str = ""
    told_then: str = NOTHING
    before: str = ""


NEWS = "wp_set_post_categories($id, [get_term_by('slug', 'news', 'category')->term_id]);"
AUTOSAVE = (
    "require_once ABSPATH . 'wp-admin/includes/post.php'; wp_create_post_autosave(['post_ID' => $id, 'post_title' =>"
    " 'x', 'post_content' => 'x', 'post_excerpt' => '', 'post_author' => 1, 'post_type' => 'post']);"
)
COMMENT = "wp_insert_comment(['comment_post_ID' => $id, 'comment_content' => 'x', 'comment_approved' => 1]);"
LOCK, OPEN = "'post_password' => 'sesame'", "'post_password' => ''"


def dated(year: int) -> str:
    """A date in New Year's night, in both of its forms."""
    return f"'post_date' => '{year}-01-01 00:00:00', 'post_date_gmt' => '{year}-01-01 05:00:00', 'edit_date' => true"


def save(fields: str) -> str:
    """A save by an editor, of these fields."""
    return f"wp_update_post(['ID' => $id, {fields}]);"


TRASH, BACK = "wp_trash_post($id);", "wp_untrash_post($id); wp_publish_post($id);"
HIDDEN, SHOWN = "'post_status' => 'draft'", "'post_status' => 'publish'"
PLANNED = "'post_status' => 'future', 'post_date_gmt' => '2099-01-01 00:00:00', 'post_date' => '2099-01-01 00:00:00'"
LATE = (
    "global $wpdb; $late = gmdate('Y-m-d H:i:s', time() - 300); $wpdb->update($wpdb->posts,"
    " ['post_date_gmt' => $late, 'post_date' => get_date_from_gmt($late)], ['ID' => $id]); clean_post_cache($id);"
    "check_and_publish_future_post($id);"
)
AGAIN = (
    "wp_delete_post($id, true); wp_insert_post(['import_id' => $id, 'post_title' => 'Another',"
    " 'post_content' => 'Other', 'post_status' => 'publish', 'post_date' => '2026-01-02 03:04:05']);"
)

ROWS = (
    Row("scheduled, and cron is late", LATE, NEW, before=PLANNED),
    Row("scheduled, and not due", "", NOTHING, before=PLANNED),
    Row("a draft that is published", save(SHOWN), NEW, before=HIDDEN),
    Row("a draft that is published with an old date", save(f"{SHOWN}, {dated(2020)}"), NEW, before=HIDDEN),
    Row("trashed, and brought back", TRASH, WITHDRAWN, BACK, CHANGED),
    Row("trashed before it was told", TRASH, NOTHING, BACK, NEW, before=HIDDEN),
    Row("deleted for good", "wp_delete_post($id, true);", WITHDRAWN),
    Row("deleted, and its number given to another", AGAIN, NEW),
    Row("made private, and public again", save("'post_status' => 'private'"), WITHDRAWN, save(SHOWN), CHANGED),
    Row("made a draft, and published again", save(HIDDEN), WITHDRAWN, save(SHOWN), CHANGED),
    Row("back to review", save("'post_status' => 'pending'"), WITHDRAWN),
    Row("made a page, and a post again", "set_post_type($id, 'page');", WITHDRAWN, "set_post_type($id);", CHANGED),
    Row("dated into the future", save(dated(2099)), WITHDRAWN),
    Row("dated back", save(dated(2021)), CHANGED),
    Row("behind a password, and open again", save(LOCK), CHANGED, save(OPEN), CHANGED),
    Row("renamed", save("'post_name' => 'of-another-name'"), CHANGED),
    Row("filed elsewhere", NEWS + save(""), CHANGED),
    Row("saved as it was, twice", save(""), SAME, save(""), SAME),
    Row("with a revision", "wp_save_post_revision($id);", NOTHING),
    Row("saved by itself", AUTOSAVE, NOTHING),
    Row("sticky, and not any more", "stick_post($id);", NOTHING, "unstick_post($id);", NOTHING),
    Row("commented on", COMMENT, NOTHING),
    Row("corrected twice in a second", save("'post_title' => 'x'") + save("'post_title' => 'y'"), CHANGED),
    Row("left alone", "", NOTHING),
)


def prepared() -> str:
    """PHP that writes all the posts, and prints their numbers."""
    usual = "'post_status' => 'publish', 'post_author' => 1, 'post_content' => '<p>Body.</p>'"
    posts = (
        f"wp_insert_post([{f'{row.before}, ' if row.before else ''}'post_title' => '{row.title}'] + [{usual}])"
        for row in ROWS
    )
    return f"echo implode(' ', [{', '.join(posts)}]);"


def happening(ids: list[int], *, then: bool) -> str:
    """PHP in which the first thing happens to each, or the second."""
    return "".join(f"$id = {id_}; {row.then if then else row.first}" for id_, row in zip(ids, ROWS, strict=True))
