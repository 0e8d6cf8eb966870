"""How a change ended, said to the person who asked for it."""

from django.contrib import messages
from django.http import HttpRequest

from achievements_admin.models import ItemState, JobItem

GOOD = {ItemState.VERIFIED, ItemState.SKIPPED}
UNDER_WAY = {ItemState.WAITING, ItemState.CLAIMED, ItemState.SENDING, ItemState.PROCESSING}


def is_settled_well(item: JobItem) -> bool:
    """Whether the form may close: done, or going on by itself."""
    return item.state in GOOD or item.state in UNDER_WAY


def tell(request: HttpRequest, item: JobItem) -> None:
    """Leave a message that the next page shows."""
    title = item.job.plan.title
    if item.state in GOOD:
        messages.success(request, f"{title}: done. {item.message}")
    elif item.state in UNDER_WAY:
        messages.warning(request, f"{title}: not done yet. {item.message or 'It goes on in the background.'}")
    else:
        messages.error(request, f"{title}: not done. {item.message}")
