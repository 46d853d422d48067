"""What is revoked is to be published, whoever wrote it down; segments of the list join and never part."""

from django.db import migrations

QUEUE = """
CREATE FUNCTION health_revoked_is_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO health_certificates_unpublishedrevocation (issued_id, environment)
        SELECT n.issued_id, i.environment FROM fresh n
        JOIN health_certificates_issued i ON i.record_id = n.issued_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
ALTER FUNCTION health_revoked_is_published SET enable_hashjoin = off;
ALTER FUNCTION health_revoked_is_published SET enable_mergejoin = off;
CREATE TRIGGER revoked_is_published AFTER INSERT ON health_certificates_revokedcertificate
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION health_revoked_is_published();
INSERT INTO health_certificates_unpublishedrevocation (issued_id, environment)
    SELECT c.issued_id, i.environment FROM health_certificates_revokedcertificate c
    JOIN health_certificates_issued i ON i.record_id = c.issued_id;

CREATE FUNCTION health_segment_only_joins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.joined_at IS NULL AND NEW.joined_at IS NOT NULL AND
        (NEW.environment, NEW.key_id, NEW.entries, NEW.whole, NEW.short, NEW.bloom, NEW.made_at)
        IS NOT DISTINCT FROM
        (OLD.environment, OLD.key_id, OLD.entries, OLD.whole, OLD.short, OLD.bloom, OLD.made_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a segment of a revocation list only joins others' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER segment_only_joins BEFORE UPDATE OR DELETE ON health_certificates_revocationsegment
    FOR EACH ROW EXECUTE FUNCTION health_segment_only_joins();
"""
UNDO = """
DROP TRIGGER revoked_is_published ON health_certificates_revokedcertificate;
DROP TRIGGER segment_only_joins ON health_certificates_revocationsegment;
DROP FUNCTION health_revoked_is_published, health_segment_only_joins;
"""


class Migration(migrations.Migration):
    dependencies = [("health_certificates", "0006_revocation_segments")]
    operations = [migrations.RunSQL(QUEUE, UNDO)]
