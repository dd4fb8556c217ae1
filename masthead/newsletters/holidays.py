"""Public holidays, computed: of Denmark and of all of Germany. Other countries' days are written by hand."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

# Days after Easter Sunday, and fixed days (month, day). Denmark: helligdage, since 2024 without store bededag (lov nr.
# 214 af 6. marts 2023). Germany: the days that are holidays in all sixteen Länder.
AFTER_EASTER = {
    "dk": {
        -3: _("Maundy Thursday"),
        -2: _("Good Friday"),
        0: _("Easter Day"),
        1: _("Easter Monday"),
        39: _("Ascension Day"),
        49: _("Whit Sunday"),
        50: _("Whit Monday"),
    },
    "de": {-2: _("Good Friday"), 1: _("Easter Monday"), 39: _("Ascension Day"), 50: _("Whit Monday")},
}
FIXED = {
    "dk": {(1, 1): _("New Year's Day"), (12, 25): _("Christmas Day"), (12, 26): _("Second Day of Christmas")},
    "de": {
        (1, 1): _("New Year's Day"),
        (5, 1): _("Labour Day"),
        (10, 3): _("Day of German Unity"),
        (12, 25): _("Christmas Day"),
        (12, 26): _("Second Day of Christmas"),
    },
}
PRAYER_DAY_UNTIL, PRAYER_DAY = 2023, 26


def public_holidays(country: str, year: int) -> dict[date, str]:
    """Return the public holidays of a year with their names; none for a country that is not computed."""
    movable = dict(AFTER_EASTER.get(country, {}))
    if country == "dk" and year <= PRAYER_DAY_UNTIL:
        movable[PRAYER_DAY] = _("Great Prayer Day")
    found = {easter(year) + timedelta(days=after): name for after, name in movable.items()}
    return found | {date(year, month, day): name for (month, day), name in FIXED.get(country, {}).items()}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar, by the rule in Meeus, Astronomical Algorithms."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
