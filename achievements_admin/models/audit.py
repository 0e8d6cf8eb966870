"""Who did what: rows that are written once and never changed."""

from typing import Any, ClassVar, NoReturn

from django.db import models


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reading only: the rows are append-only."""

    def update(self, **values: Any) -> NoReturn:
        """Refused."""
        raise TypeError("The audit is append-only")

    def delete(self) -> NoReturn:
        """Refused."""
        raise TypeError("The audit is append-only")


class AuditEntry(models.Model):
    """One thing that happened, by a person here or by somebody at Apple.

    Nothing points to other rows by foreign key, so that an entry outlives what it speaks of and never needs an update.
    """

    class Source(models.TextChoices):
        WEB = "web", "here"
        COMMAND = "command", "by command"
        WORKER = "worker", "in the background"
        APPLE = "apple", "at Apple"

    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=254, blank=True)
    address = models.GenericIPAddressField(null=True)
    # `noun.verb`, such as `achievement.updated`.
    action = models.CharField(max_length=60)
    team = models.CharField(max_length=120, blank=True)
    # The natural key of what it happened to, and what a person calls it.
    key = models.CharField(max_length=400, blank=True)
    title = models.CharField(max_length=500, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    requests = models.JSONField(default=list)
    job_id = models.BigIntegerField(null=True)

    objects: ClassVar[Any] = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(models.F("key"), models.F("id").desc(), name="audit_of_thing")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor or self.source}: {self.action} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an existing entry is never written again."""
        if not self._state.adding:
            raise TypeError("The audit is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise TypeError("The audit is append-only")
