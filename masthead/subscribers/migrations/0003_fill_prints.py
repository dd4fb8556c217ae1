"""Each subscriber gets the print of its address, by which the database itself finds whom never to write to."""

from django.db import migrations

from masthead.subscribers.models import print_of


def fill(apps, schema_editor):
    without = apps.get_model("subscribers", "Subscriber").objects.filter(print="").only("address")
    while batch := list(without[:2000]):
        for subscriber in batch:
            subscriber.print = print_of(subscriber.address)
        without.bulk_update(batch, ["print"])


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0002_prints")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
