"""The checks of a chunk look its records up by their key, whatever the planner knows of a table that has just grown."""

from django.db import migrations

FUNCTIONS = ("health_signed_as_approved", "health_revoked_as_decided")
BY_KEYS = "".join(
    f"ALTER FUNCTION {name} SET enable_hashjoin = off; ALTER FUNCTION {name} SET enable_mergejoin = off;"
    for name in FUNCTIONS
)
UNDO = "".join(f"ALTER FUNCTION {name} RESET ALL;" for name in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("health_certificates", "0004_stopped_batches")]
    operations = [
        migrations.RunSQL(BY_KEYS, UNDO),
        migrations.RemoveIndex(model_name="issued", name="issued_text"),
    ]
