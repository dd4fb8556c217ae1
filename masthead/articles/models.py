"""What the newsroom writes, also when a partner pays for it; and what the house says of itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from masthead.archive import relating
from masthead.articles import structuring
from masthead.articles.blocks import BodyBlock
from masthead.catalogue import counting, linking, panels, shelves
from masthead.catalogue.disclosure import Kind
from masthead.catalogue.items import Item
from masthead.catalogue.models import Card, CardKind, Organisation
from masthead.partners import placing
from masthead.partners.models import Place
from masthead.press.standing import Once

STORY_LENGTH = 9  # pieces of one story beside an article
RELATED = 6

ABOUT = [
    panels.FILED,
    panels.MENTIONED,
    FieldPanel("story"),
    panels.SIGNED,
    FieldPanel("source"),
    FieldPanel("dated"),
    FieldPanel("language"),
]
WRITTEN = [FieldPanel("title"), FieldPanel("standfirst"), panels.PICTURE, FieldPanel("body")]


class Piece(Item):
    """A text with a headline: what articles and partner content share."""

    card_kind = CardKind.ARTICLE
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    parent_page_types = ["newsstand.ListPage"]

    class Meta:
        abstract = True

    def search_text(self) -> str:
        words = [str(block.value) for block in self.body if block.block_type in ("paragraph", "subhead")]
        words += [f"{b.value['text']} {b.value['speaker']}" for b in self.body if b.block_type == "quote"]
        words += [
            b.value["heading"] + " " + " ".join(map(str, b.value["items"])) for b in self.body.blocks_by_name("facts")
        ]
        return " ".join([super().search_text(), *words])

    def rich_texts(self) -> list[str]:
        """Every rich text of the body as it is stored, in which links may stand."""
        return [block.value.source for block in self.body.blocks_by_name("paragraph")] + [
            item.source for block in self.body.blocks_by_name("facts") for item in block.value["items"]
        ]

    def described(self) -> dict:
        return structuring.piece(self)

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        title, story = self.title_of_house, Once(self._story)
        return context | {
            "title": title,
            "card": Once(lambda: self.card),
            "targets": Once(self._targets),
            "story_cards": story,
            "mentioned": Once(lambda: counting.mentioned_in(self.card, self.organisations) if self.card else []),
            "related": Once(lambda: self._related(story())),
            "placed": Once(lambda: [sold for sold in placing.placed(title, Place.ARTICLE) if sold.item_id != self.pk]),
            "events": Once(lambda: shelves.agenda(title).take(3, also=())),
            "jobs": Once(lambda: shelves.vacancies(title).take(3, also=())),
        }

    def _targets(self) -> linking.Targets:
        keys = self.body.stream_block.read_also_keys(self.body)
        return linking.targets_of(self.title_of_house, self.rich_texts(), keys)

    def _story(self) -> list[Card]:
        return shelves.in_story(self.story).take(STORY_LENGTH, also=()) if self.story else []

    def _related(self, story: list[Card]) -> list[Card]:
        if not self.card:
            return []
        found = relating.related(self.card, RELATED + len(story), self.filed_under, self.organisations)
        return [piece for piece in found if piece not in story][:RELATED]


class Article(Piece):
    """What the newsroom writes and nobody paid for."""

    template = "articles/article.html"

    edit_handler = panels.tabs(WRITTEN, ABOUT)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")


class PartnerArticle(Piece):
    """An article a partner paid for. It stands under a path of its own, labelled in every output."""

    template = "articles/article.html"
    disclosure_kinds = (Kind.PAID, Kind.FUNDED)
    indexable = models.BooleanField(
        _("let search engines list it"), default=False, help_text=_("Only where the agreement says so (rule D15).")
    )
    commercial_only = models.BooleanField(
        _("purely commercial"),
        default=False,
        help_text=_(
            "Not by or for a political actor, and not meant to influence an election, a vote or a law (rule P1)."
        ),
    )

    wanted = models.CharField(_("when the partner wants it shown"), max_length=60, blank=True)
    substantiation = models.TextField(
        _("proof of environmental claims"), blank=True, help_text=_("What the partner gave (Dir. (EU) 2024/825).")
    )

    edit_handler = panels.tabs(
        WRITTEN,
        ABOUT,
        [*panels.PAID, *map(FieldPanel, ("indexable", "commercial_only", "wanted", "substantiation"))],
    )

    class Meta:
        verbose_name = _("partner content")
        verbose_name_plural = _("partner content")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self._state.adding and self.disclosure == Kind.EDITORIAL:
            self.disclosure = Kind.PAID

    def source_name(self) -> str:
        return self.payer.name if self.payer and self.disclosure == Kind.PAID else super().source_name()

    def problems(self):
        found = super().problems()
        if not self.commercial_only:
            found.append(
                (
                    "commercial_only",
                    _(
                        "Say that this is purely commercial. "
                        "Content meant to influence a vote or a law is not taken here."
                    ),
                )
            )
        return found


class HousePromotion(Item):
    """What the title says of its own products, labelled as such (rule D11)."""

    card_kind = CardKind.PROMOTION
    disclosure_kinds = (Kind.HOUSE,)
    target = models.CharField(
        _("address it leads to"), max_length=300, help_text=_("A path such as /job/ or a full address.")
    )
    indexable = models.BooleanField(default=False, editable=False)

    template = "articles/house_promotion.html"
    parent_page_types = ["newsstand.ListPage"]
    edit_handler = panels.tabs(
        [FieldPanel("title"), FieldPanel("standfirst"), FieldPanel("target"), panels.PICTURE], [panels.FILED]
    )

    class Meta:
        verbose_name = _("house promotion")
        verbose_name_plural = _("house promotions")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disclosure = Kind.HOUSE

    def described(self) -> dict:
        return structuring.promotion(self)

    def facts(self) -> dict:
        return {"target": self.target}

    def payer_to_name(self) -> Organisation | None:
        return None
