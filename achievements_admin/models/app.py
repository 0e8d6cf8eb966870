"""The mirror's games and groups, and when each was last read from Apple."""

from typing import ClassVar

from django.db import models

from .team import Team


class Mirrored(models.Model):
    """What was read from Apple: `read_at` is the moment before the request that brought it left."""

    apple_id = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        abstract = True


class AchievementHome(models.Model):
    """What owns achievements and shows them on pages: a game or a group."""

    # When achievements, texts and images were last read completely, and why a later try failed.
    synced_at = models.DateTimeField(null=True)
    sync_started_at = models.DateTimeField(null=True)
    sync_error = models.TextField(blank=True)
    # Counts for the pages that list many games: see services.mirror.summarize.
    summary = models.JSONField(default=dict)

    class Meta:
        abstract = True


class Group(Mirrored, AchievementHome):
    """Achievements that several games share."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="groups")
    reference_name = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("apple_id", name="one_row_per_group")]

    def __str__(self) -> str:
        return self.reference_name


class App(Mirrored, AchievementHome):
    """A game."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="apps")
    name = models.CharField(max_length=255)
    bundle_id = models.CharField(max_length=255)
    sku = models.CharField(max_length=255, blank=True)
    primary_locale = models.CharField(max_length=16, blank=True)
    # Empty where Game Center is switched off.
    detail_id = models.CharField(max_length=64, blank=True)
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="apps")
    # Overrides the team's generation for this game.
    generation = models.CharField(max_length=4, choices=Team.Generation.choices, default=Team.Generation.AUTO)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("apple_id", name="one_row_per_app")]
        ordering: ClassVar = ["name", "apple_id"]

    def __str__(self) -> str:
        return self.name
