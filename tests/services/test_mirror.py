"""Reading Apple into the mirror: everything that is there, for as few requests as Apple lets us."""

import io
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from achievements_admin.models import (
    Achievement,
    App,
    AuditEntry,
    Group,
    Image,
    Localization,
    Release,
    Team,
    Version,
)
from achievements_admin.services import mirror
from achievements_admin.services.errors import Refused
from tests import studio as studios
from tests.studio import Studio

pytestmark = pytest.mark.django_db(transaction=True)
GAME = "1000000001"


@pytest.fixture(params=["v1", "v2"])
def full(request: pytest.FixtureRequest, studio: Studio) -> Studio:
    """A game with 100 achievements in 10 languages with images, in either generation."""
    locales = ("en-US", "de-DE", "fr-FR", "es-ES", "it", "ja", "ko", "zh-Hans", "pt-BR", "nl-NL")
    studio.simulator.reset(studios.seed(100, locales))
    Team.objects.update(generation=request.param)
    return studio


def sync(*arguments: str) -> str:
    out = io.StringIO()
    call_command("sync", *arguments, stdout=out)
    return out.getvalue()


def test_a_full_sync_of_100_achievements_in_10_languages_takes_at_most_103_requests(full: Studio) -> None:
    first = sync("--app", GAME)
    assert "100 achievements, 100 versions, 1000 localizations, 1000 images" in first
    assert requests_in(first) == len(full.requests()) <= 103
    if Team.objects.get().generation == "v1":
        full.forget_requests()
        second = sync("--app", GAME)
        assert requests_in(second) == len(full.requests()) == 2


def requests_in(printed: str) -> int:
    return int(printed.strip().rsplit(" requests", 1)[0].rsplit(" ", 1)[1])


def test_a_second_sync_reads_only_versions_that_can_still_change(studio: Studio) -> None:
    game = studio.game()
    drafts = Version.objects.filter(state="PREPARE_FOR_SUBMISSION").count()
    studio.forget_requests()
    again = mirror.refresh(game)
    assert (again.requests, again.changed) == (2 + drafts, 0)
    for version in Version.objects.filter(state="PREPARE_FOR_SUBMISSION"):
        studio.simulator.control(
            "change", {"type": "gameCenterAchievementVersions", "id": version.apple_id, "set": {"state": "LIVE"}}
        )
    assert mirror.refresh(App.objects.get(pk=game.pk)).requests == 2 + drafts  # once more, since they changed state
    assert mirror.refresh(App.objects.get(pk=game.pk)).requests == 2


def test_everything_of_a_team_is_mirrored(studio: Studio) -> None:
    printed = sync()
    assert "Lantern Keep: 6 achievements" in printed
    assert set(App.objects.values_list("name", flat=True)) == {"Lantern Keep", "No Center", "Embers"}
    assert App.objects.get(name="No Center").detail_id == ""
    assert App.objects.get(name="Embers").group == Group.objects.get(reference_name="Lantern")
    assert Achievement.objects.get(group__isnull=False).vendor_identifier == "grp.g1"
    assert Localization.objects.count() == 21
    assert Image.objects.filter(state="COMPLETE", width=512).count() == 21
    game = App.objects.get(name="Lantern Keep")
    assert (game.summary["achievements"], game.summary["complete"], game.summary["points"]) == (6, 6, 30)
    assert game.synced_at is not None
    row = game.achievements.earliest("position")
    assert row.thumbnail.endswith("128x128bb.png")
    assert not AuditEntry.objects.filter(source="apple").exists()


def test_both_generations_mirror_the_same(studio: Studio) -> None:
    def everything() -> list[object]:
        texts = Localization.objects.values_list("locale", "name", "image__state").order_by("name", "locale")
        return [*Achievement.objects.values_list("vendor_identifier", "languages", "has_been_live"), *texts]

    game = studio.game(generation="v2")
    in_v2 = everything()
    Achievement.objects.all().delete()
    App.objects.update(synced_at=None, generation="v1")
    mirror.refresh(App.objects.get(pk=game.pk))
    assert everything() == in_v2
    assert Release.objects.filter(live=True).count() == 3


def test_what_changed_at_apple_is_history_with_before_and_after(studio: Studio) -> None:
    game = studio.game()
    row = game.achievements.earliest("position")
    text = Localization.objects.get(version__achievement=row, locale="ja")
    studio.change_at_apple(row.apple_id, points=9)
    change = {"type": "gameCenterAchievementLocalizations", "id": text.apple_id, "set": {"name": "新しい"}}
    studio.simulator.control("change", change)
    assert mirror.refresh(game).changed == 2
    entries = {entry.action: entry for entry in AuditEntry.objects.filter(source="apple")}
    assert (entries["achievement.changed"].before, entries["achievement.changed"].after) == (
        {"points": 5},
        {"points": 9},
    )
    assert entries["localization.changed"].after == {"name": "新しい"}


def test_what_is_gone_is_removed_only_after_a_404_of_its_own(studio: Studio) -> None:
    game = studio.game()
    row = game.achievements.earliest("position")
    studio.remove_at_apple(row.apple_id)
    studio.forget_requests()
    mirror.refresh(game)
    assert not Achievement.objects.filter(pk=row.pk).exists()
    assert any(f"/gameCenterAchievements/{row.apple_id}?" in sent["path"] for sent in studio.requests())
    assert AuditEntry.objects.get(action="achievement.disappeared").before["points"] == 5


def test_a_list_that_lags_takes_nothing_away(studio: Studio) -> None:
    game = studio.game()
    studio.fault(kind="lag", seconds=3600)
    studio.create_at_apple(
        game, reference_name="New", vendor_identifier="new", points=1, show_before_earned=True, repeatable=False
    )
    studio.simulator.control("faults", {"clear": True})
    mirror.refresh(game)
    assert game.achievements.count() == 7
    studio.fault(kind="lag", seconds=3600)
    mirror.refresh(game)
    assert game.achievements.count() == 7


def test_a_language_or_image_that_is_gone_is_removed(studio: Studio) -> None:
    game = studio.game()
    text, other = Localization.objects.filter(version__state="PREPARE_FOR_SUBMISSION").order_by("pk")[:2]
    studio.remove_at_apple(text.apple_id, "gameCenterAchievementLocalizations")
    studio.remove_at_apple(other.image.apple_id, "gameCenterAchievementImages")
    mirror.refresh(game)
    assert not Localization.objects.filter(pk=text.pk).exists()
    assert not Image.objects.filter(localization=other).exists()


def test_auto_settles_on_v1_only_where_apple_refuses_v2_and_takes_v1(studio: Studio) -> None:
    studio.simulator.control("rules", {"v2_refused": True})
    try:
        game = studio.game()
    finally:
        studio.simulator.control("rules", {"v2_refused": False})
    assert Team.objects.get().detected_generation == "v1"
    assert game.achievements.count() == 6


def test_auto_is_v2_where_apple_takes_it(studio: Studio) -> None:
    studio.game()
    assert Team.objects.get().detected_generation == "v2"


def test_two_readings_of_a_game_at_once_are_one(studio: Studio) -> None:
    game = studio.game()
    studio.simulator.control("latency", {"ms": 150})
    results: list[bool] = []

    def read() -> None:
        results.append(mirror.refresh(App.objects.get(pk=game.pk)).was_running)
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    studio.simulator.control("latency", {"ms": 0})
    assert sorted(results) == [False, True, True]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "500"}, "Apple"),
        ({"kind": "rubbish"}, "answer"),
        ({"kind": "cut_body"}, "cut off"),
        ({"kind": "drop_before"}, "lost"),
        ({"kind": "429", "retry_after": 60}, "slow down"),
    ],
)
def test_a_reading_that_fails_says_why_and_keeps_what_was_there(
    studio: Studio, fault: dict[str, object], words: str
) -> None:
    game = studio.game()
    age = game.synced_at
    studio.fault(**fault)
    with pytest.raises(Refused):
        mirror.refresh(game)
    game.refresh_from_db()
    assert words in game.sync_error
    assert (game.synced_at, game.achievements.count(), game.sync_started_at) == (age, 6, None)
    studio.simulator.control("faults", {"clear": True})


def test_sync_of_an_unknown_team_or_game_is_one_sentence(studio: Studio) -> None:
    with pytest.raises(CommandError, match="no such team"):
        sync("--team", "Nobody")
    with pytest.raises(CommandError, match="could not be read"):
        sync("--app", "999")
    with pytest.raises(CommandError, match="no group"):
        sync("--group", "999")


def test_a_group_is_read_by_its_own(studio: Studio) -> None:
    sync()
    assert "Lantern: 1 achievements" in sync("--group", Group.objects.get().apple_id)
