"""The dashboard's addresses, and Django's admin to compare with."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path

from achievements_admin.models import Achievement
from achievements_admin.urls import urlpatterns as ours


class OpenAdmin(admin.AdminSite):
    """An admin that asks nobody for a right."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Everybody."""
        return True


class Changelist(admin.ModelAdmin):  # type: ignore[type-arg]
    """The columns of our list."""

    list_display = (
        "reference_name",
        "vendor_identifier",
        "points",
        "show_before_earned",
        "repeatable",
        "archived",
        "state",
        "languages",
    )
    list_per_page = 100

    def has_view_permission(self, request: HttpRequest, obj: Achievement | None = None) -> bool:
        """Everybody."""
        return True

    has_change_permission = has_view_permission


site = OpenAdmin()
site.register(Achievement, Changelist)
urlpatterns = [path("admin/", site.urls), *ours]
