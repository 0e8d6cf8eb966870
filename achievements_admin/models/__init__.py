"""What we keep: the team and its keys, the dated mirror of Apple, plans and jobs, and the audit."""

from .achievement import Achievement, Image, Localization, Release, Version
from .app import App, Group
from .audit import AuditEntry
from .budget import Budget, BudgetLease
from .job import ACTIVE_STATES, FINAL_STATES, ItemState, Job, JobItem
from .plan import Plan
from .team import ApiKey, Grant, Invitation, Member, Role, Team

__all__ = [
    "ACTIVE_STATES",
    "FINAL_STATES",
    "Achievement",
    "ApiKey",
    "App",
    "AuditEntry",
    "Budget",
    "BudgetLease",
    "Grant",
    "Group",
    "Image",
    "Invitation",
    "ItemState",
    "Job",
    "JobItem",
    "Localization",
    "Member",
    "Plan",
    "Release",
    "Role",
    "Team",
    "Version",
]
