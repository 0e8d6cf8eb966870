"""The mirror of achievements, their versions, texts, images and releases.

Generation v1 has no versions: there an achievement has one version row with the achievement's own identifier.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .app import App, Group, Mirrored
from .team import Team


class Achievement(Mirrored):
    """One achievement of a game or of a group, never of both."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    app = models.ForeignKey(App, on_delete=models.CASCADE, null=True, related_name="achievements")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="achievements")
    reference_name = models.CharField(max_length=500)
    vendor_identifier = models.CharField(max_length=200)
    points = models.IntegerField()
    show_before_earned = models.BooleanField()
    repeatable = models.BooleanField()
    archived = models.BooleanField(default=False)
    activity_properties = models.JSONField(default=dict)
    # Place in the order in which players see them, from 0.
    position = models.PositiveIntegerField(default=0)
    # The group achievement that this one is mapped onto (v1 only), as Apple's identifier.
    group_achievement_id = models.CharField(max_length=64, blank=True)

    # Derived when the mirror is written, so that lists cost one query: see services.mirror.derive.
    state = models.CharField(max_length=32, blank=True)
    has_been_live = models.BooleanField(default=False)
    languages = models.JSONField(default=dict)
    is_complete = models.BooleanField(default=False)
    thumbnail = models.CharField(max_length=1000, blank=True)
    search_text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("apple_id", name="one_row_per_achievement"),
            models.CheckConstraint(
                condition=Q(app__isnull=False, group__isnull=True) | Q(app__isnull=True, group__isnull=False),
                name="achievement_belongs_to_app_or_group",
            ),
        ]
        indexes: ClassVar = [models.Index("app", "position", name="achievement_of_app")]
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.reference_name

    @property
    def home(self) -> App | Group:
        """The game or the group that the achievement belongs to."""
        home = self.app or self.group
        assert home is not None
        return home


class Version(Mirrored):
    """One version of an achievement."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=32)
    # When its texts were read; empty until then. Images have a date of their own, since in v1 they cost requests.
    texts_read_at = models.DateTimeField(null=True)
    images_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("achievement", "apple_id", name="one_row_per_version")]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.achievement} version {self.number}"


class Localization(Mirrored):
    """What players read in one language."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="localizations")
    locale = models.CharField(max_length=16)
    name = models.CharField(max_length=500)
    before_earned_description = models.TextField(blank=True)
    after_earned_description = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("version", "locale", name="one_text_per_language")]
        ordering: ClassVar = ["locale"]

    def __str__(self) -> str:
        return f"{self.locale}: {self.name}"


class Image(Mirrored):
    """The picture of one localization."""

    localization = models.OneToOneField(Localization, on_delete=models.CASCADE, related_name="image")
    file_name = models.CharField(max_length=255, blank=True)
    file_size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=20)
    template_url = models.CharField(max_length=1000, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.file_name


class Release(Mirrored):
    """A v1 release: attaches an achievement to the next version of a game."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="releases")
    detail_id = models.CharField(max_length=64, blank=True)
    live = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("apple_id", name="one_row_per_release")]

    def __str__(self) -> str:
        return f"{self.achievement}: {'live' if self.live else 'not live'}"
