"""A page and the parts of it that htmx swaps, at one address."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, parts: tuple[str, ...]
) -> HttpResponse:
    """The page, or the part of it that htmx means to replace: the target's name is the part's, without one the first.

    Browsers keep both under one address, so each answer says what it depends on: without it Back shows a part alone.
    htmx, too, asks for whole pages when it goes back to one that it no longer holds.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    part = (htmx.target or parts[0]) if htmx and not htmx.history_restore_request else ""
    response = render(request, f"{template}#{part}" if part in parts else template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
