"""The partners' door: what is left of an agreement, what is booked, and a way to hand in a text."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpResponseForbidden
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from masthead.catalogue.outputs import shows_no_cards
from masthead.partners import ledger
from masthead.partners.models import Booking, Contact
from masthead.portal import submitting
from masthead.portal.forms import SubmissionForm


@method_decorator(never_cache, name="dispatch")
class LogIn(LoginView):
    template_name = "portal/log_in.html"
    next_page = reverse_lazy("portal")


log_in = shows_no_cards(LogIn.as_view())


def for_partners(view):
    """Let a partner's contact in and nobody else; the view gets the contact, and shows only what is the partner's."""

    @never_cache
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect("portal_log_in")
        contact = Contact.objects.select_related("partner").filter(user=request.user).first()
        if contact is None:
            return HttpResponseForbidden(_("This door is for partners. Editors come in at the desk."))
        return view(request, contact, *args, **kwargs)

    return shows_no_cards(guarded)


@for_partners
def overview(request, contact):
    agreements = contact.partner.agreements.select_related("publication")
    standing = Booking.objects.standing().filter(agreement__partner=contact.partner)
    return render(
        request,
        "portal/overview.html",
        {
            "contact": contact,
            "agreements": [(agreement, ledger.balance(agreement)) for agreement in agreements],
            "bookings": standing.select_related("agreement", "item").order_by("unit", "place"),
            "drafts": submitting.drafts_of(contact),
        },
    )


@for_partners
def submit(request, contact):
    form = SubmissionForm(request.POST or None, request.FILES or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            draft = submitting.submit(contact, form.cleaned_data["agreement"], form.submission())
        except submitting.NothingLeft as refused:
            form.add_error("agreement", str(refused))
        else:
            messages.success(request, _("“%s” is with the editors. You see here when it is approved.") % draft.title)
            return redirect("portal")
    return render(request, "portal/submit.html", {"form": form, "contact": contact})


@for_partners
def preview(request, contact, key: int):
    """The partner's own text exactly as readers will see it, label and all."""
    draft = next((draft for draft in submitting.drafts_of(contact) if draft.pk == key), None)
    if draft is None:
        raise Http404(_("There is no such text of yours."))
    request.is_preview = True
    return draft.get_latest_revision_as_object().serve(request)
