"""The mirror's rows: written only by newer answers, with what lists show worked out from them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from achievements_admin.domain import achievement as apple
from achievements_admin.domain.achievement import VersionState
from achievements_admin.models import Achievement, AuditEntry, ItemState, Job, JobItem, Plan, Version
from achievements_admin.services import rows
from achievements_admin.services.rows import Differences, Home
from tests import factories

pytestmark = pytest.mark.django_db


def at_apple(row: Achievement, **changed: object) -> apple.Achievement:
    """What Apple would answer for a row, with some values changed."""
    version = row.versions.get()
    values = rows.values_of(row) | changed
    return apple.Achievement(
        id=row.apple_id, versions=(apple.Version(id=version.apple_id, state=VersionState(version.state)),), **values
    )


def put(home: Home, *achievements: apple.Achievement, seconds: float = 0) -> Differences:
    differences = Differences(home, is_first_reading=False)
    read_at = timezone.now() + timedelta(seconds=seconds)
    rows.put_achievements(home, achievements, read_at=read_at, differences=differences)
    differences.record()
    return differences


def test_a_difference_that_is_not_ours_is_kept_as_changed_at_apple() -> None:
    app = factories.app()
    row = factories.achievement(app)
    put(app, at_apple(row, points=25))
    entry = AuditEntry.objects.get()
    assert (entry.source, entry.action, entry.before, entry.after) == (
        "apple",
        "achievement.changed",
        {"points": 10},
        {"points": 25},
    )
    assert Achievement.objects.get().points == 25


def test_an_answer_older_than_the_row_changes_nothing() -> None:
    app = factories.app()
    row = factories.achievement(app)
    put(app, at_apple(row, points=25), seconds=-60)
    assert Achievement.objects.get().points == 10
    assert not AuditEntry.objects.exists()


def test_what_a_job_of_ours_is_at_work_on_is_not_called_changed_at_apple() -> None:
    app = factories.app()
    row = factories.achievement(app)
    person = factories.member()
    plan = Plan.objects.create(token="t", team=app.team, app=app, title="Edit", created_by=person)
    job = Job.objects.create(plan=plan, team=app.team, started_by=person)
    JobItem.objects.create(job=job, team=app.team, sequence=0, key=rows.key_of(row), change={}, state=ItemState.SENDING)
    put(app, at_apple(row, points=25))
    assert not AuditEntry.objects.exists()


def test_the_order_of_the_list_is_the_order_of_the_rows() -> None:
    app = factories.app()
    first, second = factories.achievement(app, "First"), factories.achievement(app, "Second")
    put(app, at_apple(second), at_apple(first))
    assert [str(row) for row in app.achievements.all()] == ["Second", "First"]


def test_an_achievement_that_apple_lists_at_a_group_moves_there() -> None:
    app, group = factories.app(), factories.group()
    row = factories.achievement(app)
    put(group, at_apple(row))
    row.refresh_from_db()
    assert (row.app, row.group) == (None, group)


def test_a_version_whose_state_changed_is_read_once_more() -> None:
    app = factories.app()
    row = factories.achievement(app, state="IN_REVIEW")
    answer = at_apple(row)
    live = apple.Version(id=answer.versions[0].id, state=VersionState.LIVE)
    put(app, apple.Achievement(id=row.apple_id, versions=(live,), **rows.values_of(row)))
    version = Version.objects.get()
    assert (version.state, version.texts_read_at) == ("LIVE", None)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"name": ""}, "empty"),
        ({"name": "x" * 31}, "too long"),
        ({"after_earned_description": "x" * 121}, "too long"),
        ({}, "complete"),
    ],
)
def test_a_language_says_how_far_it_is(values: dict[str, str], state: str) -> None:
    row = factories.achievement(factories.app())
    text = row.versions.get().localizations.get()
    for name, value in values.items():
        setattr(text, name, value)
    assert rows.language_state(text) == state


def test_a_language_without_image_or_with_a_failed_one_says_so() -> None:
    app = factories.app()
    bare = factories.achievement(app, images=False)
    assert bare.languages == {"en-US": "no image"}
    shown = factories.achievement(app)
    image = shown.versions.get().localizations.get().image
    for apple_state, word in (("FAILED", "failed"), ("UPLOAD_COMPLETE", "processing")):
        image.state = apple_state
        image.save()
        rows.derive(app)
        shown.refresh_from_db()
        assert shown.languages == {"en-US": word}


def test_complete_means_complete_in_every_language_of_the_game() -> None:
    app = factories.app()
    both = factories.achievement(app, "Both", locales=("en-US", "ja"))
    one = factories.achievement(app, "One")
    rows.derive(app)
    assert {row.reference_name: row.is_complete for row in Achievement.objects.all()} == {"Both": True, "One": False}
    assert app.summary["complete"] == 1
    assert app.summary["locales"] == ["en-US", "ja"]
    assert (both.thumbnail[:8], "{w}" in one.thumbnail) == ("https://", False)


def test_the_audit_can_not_be_changed_by_any_way() -> None:
    from django.db import DatabaseError, connection, transaction

    from achievements_admin.services import audit

    audit.record("member.signed_in", by=audit.By())
    entry = AuditEntry.objects.get()
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(actor="x"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE achievements_admin_auditentry SET actor = 'x'")
