"""What a body is made of."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

RICH = ["bold", "italic", "link", "ol", "ul", "superscript", "subscript"]


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("quotation"), rows=3, help_text=_("Without quotation marks: the language decides."))
    speaker = blocks.CharBlock(label=_("who said it"), required=False)

    class Meta:
        icon = "openquote"
        label = _("quotation")
        template = "articles/blocks/quote.html"


class FactsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("heading"))
    items = blocks.ListBlock(blocks.RichTextBlock(features=["bold", "italic", "link"]), label=_("facts"))

    class Meta:
        icon = "list-ul"
        label = _("fact box")
        template = "articles/blocks/facts.html"


class ReadAlsoBlock(blocks.StructBlock):
    """A link inside the text, held by identity. `title` is what an import could not match yet."""

    page = blocks.PageChooserBlock(label=_("piece"), required=False)
    title = blocks.CharBlock(
        label=_("headline as it was printed"), required=False, help_text=_("Only until the piece itself is chosen.")
    )

    class Meta:
        icon = "link"
        label = _("read also")
        template = "articles/blocks/read_also.html"


class PictureBlock(blocks.StructBlock):
    picture = ImageChooserBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), required=False)

    class Meta:
        icon = "image"
        label = _("picture")
        template = "articles/blocks/picture.html"


class BodyBlock(blocks.StreamBlock):
    paragraph = blocks.RichTextBlock(
        label=_("text"), features=RICH, icon="pilcrow", template="articles/blocks/paragraph.html"
    )
    subhead = blocks.CharBlock(label=_("subhead"), icon="title", template="articles/blocks/subhead.html")
    quote = QuoteBlock()
    facts = FactsBlock()
    read_also = ReadAlsoBlock()
    picture = PictureBlock()

    def read_also_keys(self, value) -> list[int]:
        """Return the page keys of every read-also in a body, in order."""
        return [
            block.value["page"].pk for block in value if block.block_type == "read_also" and block.value.get("page")
        ]
