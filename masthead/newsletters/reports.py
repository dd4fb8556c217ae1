"""What is said of our mail from outside: by the mail doctor before it leaves."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from masthead.mail.doctoring import Finding, Light, worst
from masthead.publication.models import Record


class Examination(Record):
    """One visit to the mail doctor: what was found, when, for which sender. Kept, so that it can be proved later."""

    newsletter = models.ForeignKey(
        "newsletters.Newsletter", models.DO_NOTHING, null=True, db_constraint=False, related_name="examinations"
    )
    light = models.CharField(max_length=6)

    class Meta(Record.Meta):
        verbose_name = _("examination by the mail doctor")
        verbose_name_plural = _("examinations by the mail doctor")

    @classmethod
    def keep(cls, newsletter, findings: list[Finding]) -> "Examination":
        light = worst(findings).value
        rows = [{"check": f.check, "light": f.light.value, "says": f.says, "values": f.values} for f in findings]
        said = {"newsletter": newsletter.name, "sender": newsletter.sender_address, "light": light, "findings": rows}
        return cls.append(said, newsletter_id=newsletter.pk, light=light)

    @classmethod
    def last_of(cls, newsletter) -> "Examination | None":
        """The newest one of this newsletter as it sends now; one of another sender's address does not count."""
        last = cls.objects.filter(newsletter=newsletter).order_by("-pk").first()
        return last if last and last.content["sender"] == newsletter.sender_address else None

    @property
    def is_red(self) -> bool:
        return self.light == Light.RED

    @property
    def findings(self) -> list[Finding]:
        return [Finding(**{**row, "light": Light(row["light"])}) for row in self.content["findings"]]

    @property
    def sentences(self) -> list[dict]:
        """What a page shows: check, light, and the sentence in the reader's language."""
        return [{"check": f.check, "light": f.light.value, "says": gettext(f.says) % f.values} for f in self.findings]

    def is_older_than(self, age) -> bool:
        return self.at < timezone.now() - age
