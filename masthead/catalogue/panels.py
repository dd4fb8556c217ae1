"""The desk's form of an item, in the same order for every kind."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.models import Page

FILED = FieldPanel("themes", widget=forms.CheckboxSelectMultiple)
MENTIONED = MultipleChooserPanel(
    "mentions", chooser_field_name="organisation", heading=_("Organisations mentioned"), label=_("organisation")
)
SIGNED = MultiFieldPanel([FieldPanel("people", widget=forms.CheckboxSelectMultiple), FieldPanel("byline")], _("Signed"))
PICTURE = MultiFieldPanel([FieldPanel("picture"), FieldPanel("caption")], _("Picture"))
PAID = [FieldPanel("disclosure"), FieldPanel("payer"), FieldPanel("reference")]


def tabs(text: list, filed: list, paid: list | None = None) -> TabbedInterface:
    """Return the form: what is written, what it is filed under, who pays, corrections, when it is shown."""
    more = [ObjectList(paid, heading=_("Paid by"))] if paid else []
    return TabbedInterface(
        [
            ObjectList(text, heading=_("Text")),
            ObjectList(filed, heading=_("Filed under")),
            *more,
            ObjectList([FieldPanel("corrections")], heading=_("Corrections")),
            ObjectList(
                [PublishingPanel(), *Page.promote_panels, FieldPanel("import_note")], heading=_("When and where shown")
            ),
        ]
    )
