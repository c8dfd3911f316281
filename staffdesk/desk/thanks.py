"""Thanks: those that a clerk has been given, and saying them to a colleague."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from queues import actions
from queues.models import Thanks
from queues.refusals import Refusal, TargetGone
from staffdesk.access import branches_of, clerk
from staffdesk.forms import number, words

LISTED = 100


@never_cache
@login_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thanks that this person has been given. Seen once, they are no longer counted as new."""
    by = clerk(request)
    given = list(Thanks.objects.filter(to=by).select_related("by", "branch")[:LISTED])
    actions.see_thanks(by)
    colleagues = User.objects.filter(memberships__branch__in=branches_of(by), is_active=True).exclude(pk=by.pk)
    return render(request, "staffdesk/desk/thanks.html", {"thanks": given, "colleagues": colleagues.distinct()})


@login_required
@require_POST
def thank(request: HttpRequest) -> HttpResponse:
    """Thank a colleague."""
    by = clerk(request)
    to = User.objects.filter(pk=number(request, "to") or 0).first()
    shared = branches_of(by).filter(memberships__user=to).first() if to else None
    try:
        if to is None or shared is None:
            raise TargetGone
        actions.thank_colleague(shared, to, words(request, "words"), by=by)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, _("%(name)s will see your thanks.") % {"name": to.shown_name})
    return redirect("thanks")
