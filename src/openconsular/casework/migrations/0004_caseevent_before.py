from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_case_numbers")]

    operations = [
        migrations.AddField(model_name="caseevent", name="before", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="caseevent", name="is_coded", field=models.BooleanField(default=False)
        ),
        migrations.AlterField(
            model_name="caseevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("taken", "taken in hand"),
                    ("note", "note"),
                    ("message", "message"),
                    ("state", "state changed"),
                    ("answer", "answer received"),
                    ("undone", "step undone"),
                ],
                max_length=10,
            ),
        ),
    ]
