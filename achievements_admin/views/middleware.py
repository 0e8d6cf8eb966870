"""Everything behind sign-in, nothing typed lost on the way, and services' refusals as pages."""

import re
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from achievements_admin.services.errors import NotAllowed, NotFound, ServiceError

OPEN = re.compile(r"^/(accounts/|invitations/|healthz$|static/)")
DRAFTS = "drafts"
DRAFT_MAX = 64 * 1024
NEVER_KEPT = re.compile(r"csrf|password|private_key|token", re.IGNORECASE)

Next = Callable[[HttpRequest], HttpResponse]


class SignInRequired:
    """Sends whoever is not signed in to the sign-in page, and back afterwards with what was typed."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let through what is open to all or signed in."""
        if request.user.is_authenticated or OPEN.match(request.path):
            return self._get_response(request)
        page = _page_of(request)
        if request.method == "POST" and not _is_foreign(request):
            _keep(request, page)
        address = f"{settings.LOGIN_URL}?{urlencode({'next': page})}"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


def _page_of(request: HttpRequest) -> str:
    """The page that somebody was on: htmx says it, a form posts to it or to something below it."""
    if request.htmx:  # type: ignore[attr-defined]
        address = request.headers.get("HX-Current-URL", "")
    else:
        address = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", request.path)
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_foreign(request: HttpRequest) -> bool:
    """Whether another site sent this; such a form is not kept, and must not start a session over somebody's own."""
    origin = request.headers.get("Origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site") == "cross-site" or bool(origin and origin != own)


def _keep(request: HttpRequest, page: str) -> None:
    """Keep what was typed, in the session of whoever is about to sign in; never anything secret."""
    typed = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if not NEVER_KEPT.search(name):
            typed.setlist(name, values)
    text = typed.urlencode()
    if text and len(text) <= DRAFT_MAX:
        request.session[DRAFTS] = {urlsplit(page).path: text}


def draft(request: HttpRequest) -> QueryDict | None:
    """What was typed on this page before the session ran out; given out once.

    A form page calls it when it is opened by GET and, when there is something, shows its form filled with it.
    """
    drafts = request.session.get(DRAFTS) or {}
    text = drafts.pop(request.path, None)
    if text is None:
        return None
    request.session[DRAFTS] = drafts
    return QueryDict(text)


class PlainErrors:
    """Turns what services refuse into pages: missing or hidden is 404, not allowed 403, else 409."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way in."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page for a refusal; anything else goes on."""
        if isinstance(error, NotFound):
            return render(request, "404.html", {"sentence": str(error)}, status=404)
        if isinstance(error, NotAllowed):
            return render(request, "403.html", {"sentence": str(error)}, status=403)
        if isinstance(error, ServiceError):
            return render(request, "409.html", {"sentence": str(error)}, status=409)
        return None
