"""A page and the parts of it that htmx swaps, at one address."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, parts: tuple[str, ...]
) -> HttpResponse:
    """The page, or where htmx asks the part that has its target's name, else the first.

    Browsers keep both under one address, so each answer says what it depends on: without it Back shows a part alone.
    htmx, too, asks for whole pages when it goes back to one that it no longer holds.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    if htmx and not htmx.history_restore_request:
        template = f"{template}#{htmx.target if htmx.target in parts else parts[0]}"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
