"""What a job ad says of itself to machines (rules J1 to J3)."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.html import escape
from wagtail.rich_text import expand_db_html

from masthead.catalogue import structuring

if TYPE_CHECKING:
    from masthead.jobs.models import Job

NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+|\d{2,6}"
UNITS = {
    "MONTH": r"(?:a|per|pr\.?|om) ?(?:month|måneden|måned|md\.?)|/ ?(?:month|måned|md\.?)|monthly|månedligt",
    "YEAR": r"(?:a|per|pr\.?|om) ?(?:year|året|år)|/ ?(?:year|år)|yearly|årligt",
    "HOUR": r"(?:an|per|pr\.?|i) ?(?:hour|timen|time)|/ ?(?:hour|time)|hourly",
}
CROWNS = {"DK": "DKK", "NO": "NOK", "SE": "SEK", "IS": "ISK"}
PAY = re.compile(
    rf"(?P<low>{NUMBER})(?:\s?[-–]\s?(?P<high>{NUMBER}))?\s?(?P<currency>kr\.?|€|DKK|NOK|SEK|ISK|EUR|USD|GBP)"
    + r",? (?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in UNITS.items())
    + r")(?=$|[.,;( ])",
    re.IGNORECASE,
)


def job(item: "Job") -> dict:
    """Return a JobPosting that says what the page says; an expired ad has none (rule J2)."""
    title = item.title_of_house
    said = {
        "@type": "JobPosting",
        "title": item.title,
        **structuring.common(item),
        "description": description(item),
        "datePosted": structuring.moment(item.counts_from(), title),
        "hiringOrganization": _employer(item),
        "employmentType": item.employment,
        "directApply": False,
        "identifier": {"@type": "PropertyValue", "name": title.name, "value": str(item.translation_key)},
        **_where(item),
    }
    until = item.valid_until()
    if until:
        # One second before midnight: the last day is printed as a day, and must not become the day after.
        said["validThrough"] = structuring.moment(until - timedelta(seconds=1), title)
    salary = pay(item.pay, item.country)
    return said | ({"baseSalary": salary} if salary else {})


def description(item: "Job") -> str:
    """Return the ad's own HTML, as its page shows it."""
    first = f"<p>{escape(item.standfirst)}</p>" if item.standfirst else ""
    return first + expand_db_html(item.description) or item.title


def pay(words: str, country: str) -> dict | None:
    """Return the printed pay as a MonetaryAmount where number, currency and unit are beyond doubt; else None."""
    found = PAY.match(words.strip())
    if found is None:
        return None
    currency = _currency(found["currency"], country)
    unit = next(name for name in UNITS if found[name])
    low, high = _number(found["low"]), _number(found["high"] or found["low"])
    if currency is None or low > high:
        return None
    value: dict[str, str | int] = {"@type": "QuantitativeValue", "unitText": unit}
    value |= {"value": low} if low == high else {"minValue": low, "maxValue": high}
    return {"@type": "MonetaryAmount", "currency": currency, "value": value}


def _currency(word: str, country: str) -> str | None:
    if word == "€":
        return "EUR"
    return CROWNS.get(country.upper()) if word.lower().startswith("kr") else word.upper()


def _number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def _employer(item: "Job") -> dict:
    if item.employer is None:
        # It was deleted since; the card keeps the name it was published under.
        return {"@type": "Organization", "name": item.card.source_name if item.card else item.source_name()}
    said = structuring.organisation(item.employer, item.title_of_house)
    logo = structuring.image_object(item.employer.logo, item.title_of_house)
    return said | ({"logo": logo} if logo else {})


def _where(item: "Job") -> dict:
    said: dict = {}
    if item.town:
        address = {"@type": "PostalAddress", "addressLocality": item.town, "addressCountry": item.country}
        said["jobLocation"] = {"@type": "Place", "address": address}
    if item.remote:
        said["jobLocationType"] = "TELECOMMUTE"
        said["applicantLocationRequirements"] = {"@type": "Country", "name": item.country}
    return said
