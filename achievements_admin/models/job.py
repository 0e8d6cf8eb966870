"""The ledger: a job is a plan being applied, an item is one change of it. The rows are the truth, not the broker."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .plan import Plan
from .team import Member, Team


class ItemState(models.TextChoices):
    """Where one change has got to."""

    WAITING = "waiting", "Waiting"
    CLAIMED = "claimed", "Starting"
    SENDING = "sending", "Sending"
    PROCESSING = "processing", "Apple is working on it"
    VERIFIED = "verified", "Done"
    SKIPPED = "skipped", "Nothing to change"
    CONFLICT = "conflict", "Changed at Apple meanwhile"
    UNKNOWN = "unknown", "Needs a person"
    BLOCKED = "blocked", "Blocked"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATES = (ItemState.WAITING, ItemState.CLAIMED, ItemState.SENDING, ItemState.PROCESSING)
FINAL_STATES = tuple(state for state in ItemState if state not in ACTIVE_STATES)


class Job(models.Model):
    """A plan that is applied, by one request or by many workers."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="job")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="jobs")
    started_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="jobs")
    # Where the person was when the button was pressed, for the audit.
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"Job {self.pk}: {self.plan.title}"


class JobItem(models.Model):
    """One change on its way to Apple.

    `key` is the natural key of what is changed, such as `apps/123/achievements/first_win`. A claim is a lease: who
    holds it (`claimed_by`) and until when. `step` says how far a change of several requests has got.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField()
    # Items of one phase run beside each other; a phase begins when the one before it has ended.
    phase = models.PositiveSmallIntegerField(default=0)
    depends_on = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="dependents")
    change = models.JSONField()
    key = models.CharField(max_length=400)
    state = models.CharField(max_length=12, choices=ItemState.choices, default=ItemState.WAITING)
    step = models.CharField(max_length=40, blank=True)
    outcome_unknown = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    apple_id = models.CharField(max_length=64, blank=True)
    # What a person reads, and what Apple said, whole.
    message = models.TextField(blank=True)
    error = models.JSONField(null=True)
    # What Apple holds where that is not what the change was made from.
    actual = models.JSONField(null=True)
    # The requests that left for this item, written down before they leave: method, path, body, status.
    requests = models.JSONField(default=list)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint("job", "sequence", name="one_item_per_place"),
            models.UniqueConstraint(
                "team", "key", condition=Q(state__in=ACTIVE_STATES), name="one_active_item_per_target"
            ),
        ]
        indexes: ClassVar = [
            models.Index("job", "state", "sequence", name="item_to_claim"),
            models.Index("lease_until", condition=Q(state__in=ACTIVE_STATES), name="item_lease"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
