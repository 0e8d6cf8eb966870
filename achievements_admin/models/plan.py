"""A plan: changes that somebody means to make, before anything is sent."""

from typing import Any, ClassVar

from django.db import models

from .app import App, Group
from .team import Member, Team


class Plan(models.Model):
    """A list of changes with their problems and price; applied at most once.

    `changes` holds `domain.changes.Change` values as JSON, in the order in which they must be applied. `token` comes
    from the form that asked for the plan: the same token is the same plan, however often the button was pressed.
    A plan over several games of a team names neither app nor group.
    """

    token = models.CharField(max_length=64, unique=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="plans")
    app = models.ForeignKey(App, on_delete=models.SET_NULL, null=True, related_name="plans")
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="plans")
    title = models.CharField(max_length=300)
    changes = models.JSONField(default=list)
    # What stands in the way of single changes, by the change's key: these are left out when the plan is applied.
    problems = models.JSONField(default=dict)
    # Keys of changes that somebody took out.
    excluded = models.JSONField(default=list)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="plans")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def applicable(self) -> list[dict[str, Any]]:
        """The changes that applying sends: all but those with problems, those taken out, and what hangs on these.

        A version is opened only where something that needs it is applied, since Apple never deletes one.
        """
        left_out = {*self.problems, *self.excluded}
        parents = {change.get("parent", "") for change in self.changes}
        for change in self.changes:
            if change.get("parent", "") in left_out:
                left_out.add(change["key"])
        needed = {change.get("parent", "") for change in self.changes if change["key"] not in left_out}
        return [
            change
            for change in self.changes
            if change["key"] not in left_out
            and (change["resource"] != "version" or change["key"] in needed or change["key"] not in parents)
        ]

    @property
    def homes(self) -> list[App | Group]:
        """The games and groups that it changes and that are still in the mirror."""
        keys = [change["home"].split("/") for change in self.changes]
        apps = App.objects.filter(apple_id__in={key[1] for key in keys if key[0] == "apps"})
        groups = Group.objects.filter(apple_id__in={key[1] for key in keys if key[0] == "groups"})
        return [*apps.select_related("team"), *groups.select_related("team")]
