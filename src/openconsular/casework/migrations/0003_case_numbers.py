from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_one_open_case_without_a_hazard")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE casework_case_number", "DROP SEQUENCE casework_case_number"),
    ]
