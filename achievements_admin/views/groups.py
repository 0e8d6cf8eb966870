"""Groups: achievements that several games share."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from achievements_admin.services import catalog

from .acting import member


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """All groups with their games."""
    return render(request, "groups/list.html", {"groups": catalog.groups(member(request))})
