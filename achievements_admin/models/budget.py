"""How many requests a key has left this hour, shared by all processes that use it."""

from typing import ClassVar

from django.db import models

from .team import ApiKey


class Budget(models.Model):
    """What Apple last said about a key, and until when nothing may be sent."""

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, related_name="budget")
    hour_limit = models.PositiveIntegerField(null=True)
    hour_remaining = models.PositiveIntegerField(null=True)
    observed_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    # How many requests at once Apple bears just now; halved by a 429, growing back slowly.
    connections = models.PositiveSmallIntegerField(default=0)
    connections_cut_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.hour_remaining} of {self.hour_limit} left for {self.key.key_id}"


class BudgetLease(models.Model):
    """A block of requests, and a share of the connections, that one process holds for a while."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="leases")
    holder = models.CharField(max_length=80)
    requests = models.PositiveIntegerField()
    connections = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField()
    # The connections go back at this time; the requests count for the hour that follows `taken_at`.
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index("budget", "taken_at", name="lease_of_hour")]

    def __str__(self) -> str:
        return f"{self.requests} requests for {self.holder}"
