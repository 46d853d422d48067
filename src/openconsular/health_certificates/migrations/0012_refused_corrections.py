"""A correction that was refused corrects nothing: what it was to replace can be corrected by another one."""

from django.db import migrations

STAYS = """
CREATE OR REPLACE FUNCTION health_record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The sealed content may be sealed anew or cleared; its MAC holds it to what it was.
    IF TG_OP = 'UPDATE' AND
        (NEW.public_id, NEW.environment, NEW.format, NEW.kind, NEW.mission_id, NEW.batch_id, NEW.row_number,
         NEW.row_hash, NEW.content_mac, NEW.holder_hash, NEW.document_hash, NEW.recorded_by, NEW.recorded_at)
        IS NOT DISTINCT FROM
        (OLD.public_id, OLD.environment, OLD.format, OLD.kind, OLD.mission_id, OLD.batch_id, OLD.row_number,
         OLD.row_hash, OLD.content_mac, OLD.holder_hash, OLD.document_hash, OLD.recorded_by, OLD.recorded_at)
        AND (NEW.replaces_id IS NOT DISTINCT FROM OLD.replaces_id{REFUSED})
        AND (OLD.content IS NOT NULL OR NEW.content IS NULL)
        AND (OLD.approved_at IS NULL OR (NEW.approved_at, NEW.approved_by) = (OLD.approved_at, OLD.approved_by))
        AND (OLD.refused_at IS NULL OR (NEW.refused_at, NEW.refused_by) = (OLD.refused_at, OLD.refused_by))
        AND (NEW.approved_at IS NULL OR NEW.batch_id IS NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a record never changes' USING ERRCODE = 'check_violation';
END $$;
"""
REFUSED = " OR NEW.replaces_id IS NULL AND NEW.refused_at IS NOT NULL"
LET_GO = """
UPDATE health_certificates_record SET replaces_id = NULL WHERE refused_at IS NOT NULL AND replaces_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("health_certificates", "0011_rows_to_mend")]
    operations = [
        migrations.RunSQL(STAYS.replace("{REFUSED}", REFUSED) + LET_GO, STAYS.replace("{REFUSED}", "")),
    ]
