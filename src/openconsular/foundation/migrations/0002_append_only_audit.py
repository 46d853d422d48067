"""The audit trail refuses every change but an added row; the cache table is made along."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION foundation_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON foundation_auditentry
    FOR EACH ROW EXECUTE FUNCTION foundation_audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON foundation_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_audit_is_append_only();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON foundation_auditlink
    FOR EACH ROW EXECUTE FUNCTION foundation_audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON foundation_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION foundation_audit_is_append_only();
"""
UNDO = """
DROP TRIGGER audit_append_only ON foundation_auditentry;
DROP TRIGGER audit_no_truncate ON foundation_auditentry;
DROP TRIGGER audit_append_only ON foundation_auditlink;
DROP TRIGGER audit_no_truncate ON foundation_auditlink;
DROP FUNCTION foundation_audit_is_append_only();
"""
CACHE = """
CREATE TABLE foundation_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX foundation_cache_expires ON foundation_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        migrations.RunSQL(CACHE, "DROP TABLE foundation_cache"),
    ]
