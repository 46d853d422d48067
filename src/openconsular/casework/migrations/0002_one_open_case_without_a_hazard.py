from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="case", name="one_open_case_each"),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("person", "hazard"),
                name="one_open_case_each",
                nulls_distinct=False,
            ),
        ),
    ]
