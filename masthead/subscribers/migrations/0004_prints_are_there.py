from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0003_fill_prints")]

    operations = [
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.CheckConstraint(
                condition=models.Q(("print", ""), _negated=True), name="every_subscriber_can_be_suppressed"
            ),
        ),
    ]
