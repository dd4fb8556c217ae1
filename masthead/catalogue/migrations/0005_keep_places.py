"""Each card gets its places on the lists that are kept, as filing would keep them."""

from django.db import migrations

from masthead.catalogue.shelving import kept_lists, newest
from masthead.press.ingredients import number_of

CHUNK = 2000


def fill(apps, schema_editor):
    Card, Shelved = apps.get_model("catalogue", "Card"), apps.get_model("catalogue", "Shelved")
    cards = Card.objects.defer("text", "standfirst", "facts").prefetch_related("themes", "organisations", "people")
    last = 0
    while batch := list(cards.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = batch[-1].pk
        places = [(card, number_of(name)) for card in batch for name in kept_lists(card)]
        Shelved.objects.bulk_create(Shelved(card=card, shelf=shelf, place=newest(card)) for card, shelf in places)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_shelved")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
