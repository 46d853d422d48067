"""What the columns cannot say by themselves: who may be signed, what only grows, what never changes.

Checks of new rows are made once a statement over all of them, so that a batch pays for them once a chunk.
"""

from django.db import migrations

SIGNED_AS_APPROVED = """
CREATE FUNCTION health_signed_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM health_certificates_issuingswitch WHERE is_stopped) THEN
        RAISE EXCEPTION 'signing of certificates is stopped' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh n
        LEFT JOIN health_certificates_record r ON r.id = n.record_id
        LEFT JOIN health_certificates_signingkey k ON k.id = n.key_id
        LEFT JOIN health_certificates_batch b ON b.id = r.batch_id
        WHERE (
            n.environment = r.environment AND k.environment = r.environment
            AND k.purpose = 'dsc' AND k.state = 'active'
            AND n.signed_at >= k.not_before AND n.signed_at <= k.signs_until AND n.expires_at <= k.not_after
            AND (cardinality(k.kinds) = 0 OR r.kind = ANY (k.kinds))
            AND r.content IS NOT NULL AND r.refused_at IS NULL
            AND coalesce(r.approved_at, b.approved_at) <= n.signed_at
            AND coalesce(nullif(r.approved_by, ''), b.approved_by) <> r.recorded_by
        ) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'only an approved record is signed, with a key in use' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh n
        JOIN health_certificates_record r ON r.id = n.record_id
        JOIN health_certificates_alarm a ON a.settled_at IS NULL AND a.environment = r.environment
            AND a.subject IN (r.recorded_by, 'mission:' || r.mission_id)
    ) THEN
        RAISE EXCEPTION 'an alarm holds these certificates' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER issued_signed_as_approved AFTER INSERT ON health_certificates_issued
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION health_signed_as_approved();

CREATE FUNCTION health_register_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND
        (NEW.record_id, NEW.key_id, NEW.environment, NEW.identifier, NEW.text_hash, NEW.signature_hash,
         NEW.uci_hash, NEW.country_uci_hash, NEW.signed_at, NEW.expires_at)
        IS NOT DISTINCT FROM
        (OLD.record_id, OLD.key_id, OLD.environment, OLD.identifier, OLD.text_hash, OLD.signature_hash,
         OLD.uci_hash, OLD.country_uci_hash, OLD.signed_at, OLD.expires_at)
        AND (OLD.text IS NOT NULL OR NEW.text IS NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the register of certificates only grows' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER issued_only_grows BEFORE UPDATE OR DELETE ON health_certificates_issued
    FOR EACH ROW EXECUTE FUNCTION health_register_only_grows();
CREATE TRIGGER issued_no_truncate BEFORE TRUNCATE ON health_certificates_issued
    FOR EACH STATEMENT EXECUTE FUNCTION health_register_only_grows();
"""

RECORDS_STAY = """
CREATE FUNCTION health_record_is_written_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh WHERE approved_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a record is written down before it is approved' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh n JOIN health_certificates_batch b ON b.id = n.batch_id
        WHERE b.state NOT IN ('receiving', 'checking') OR b.environment <> n.environment
            OR b.recorded_by <> n.recorded_by
    ) THEN
        RAISE EXCEPTION 'nothing is added to a batch that was checked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record_written_first AFTER INSERT ON health_certificates_record
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION health_record_is_written_first();

CREATE FUNCTION health_record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The sealed content may be sealed anew or cleared; its MAC holds it to what it was.
    IF TG_OP = 'UPDATE' AND
        (NEW.public_id, NEW.environment, NEW.format, NEW.kind, NEW.mission_id, NEW.batch_id, NEW.row_number,
         NEW.row_hash, NEW.replaces_id, NEW.content_mac, NEW.holder_hash, NEW.document_hash, NEW.recorded_by,
         NEW.recorded_at)
        IS NOT DISTINCT FROM
        (OLD.public_id, OLD.environment, OLD.format, OLD.kind, OLD.mission_id, OLD.batch_id, OLD.row_number,
         OLD.row_hash, OLD.replaces_id, OLD.content_mac, OLD.holder_hash, OLD.document_hash, OLD.recorded_by,
         OLD.recorded_at)
        AND (OLD.content IS NOT NULL OR NEW.content IS NULL)
        AND (OLD.approved_at IS NULL OR (NEW.approved_at, NEW.approved_by) = (OLD.approved_at, OLD.approved_by))
        AND (OLD.refused_at IS NULL OR (NEW.refused_at, NEW.refused_by) = (OLD.refused_at, OLD.refused_by))
        AND (NEW.approved_at IS NULL OR NEW.batch_id IS NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a record never changes' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER record_stays BEFORE UPDATE OR DELETE ON health_certificates_record
    FOR EACH ROW EXECUTE FUNCTION health_record_stays();

CREATE FUNCTION health_batch_stays_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.recorded_by, NEW.recorded_at, NEW.environment, NEW.format, NEW.kind, NEW.mission_id)
        IS DISTINCT FROM (OLD.recorded_by, OLD.recorded_at, OLD.environment, OLD.format, OLD.kind, OLD.mission_id)
        OR OLD.approved_at IS NOT NULL AND (NEW.approved_at, NEW.approved_by, NEW.confirmed_count, NEW.accepted_count)
        IS DISTINCT FROM (OLD.approved_at, OLD.approved_by, OLD.confirmed_count, OLD.accepted_count)
        OR OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL AND OLD.state <> 'submitted'
    THEN
        RAISE EXCEPTION 'a batch stays as it was approved' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_stays BEFORE UPDATE ON health_certificates_batch
    FOR EACH ROW EXECUTE FUNCTION health_batch_stays_as_approved();
"""

REVOCATIONS_GROW = """
CREATE FUNCTION health_revoked_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh n
        LEFT JOIN health_certificates_revocation v ON v.id = n.revocation_id
        LEFT JOIN health_certificates_issued i ON i.record_id = n.issued_id
        WHERE (v.effective_at IS NOT NULL AND v.environment = i.environment) IS NOT TRUE
    ) OR EXISTS (
        SELECT 1 FROM (SELECT DISTINCT revocation_id FROM fresh) n
        JOIN health_certificates_revocation v ON v.id = n.revocation_id
        WHERE v.size < (SELECT count(*) FROM health_certificates_revokedcertificate c WHERE c.revocation_id = v.id)
    ) THEN
        RAISE EXCEPTION 'only what was decided is revoked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER revoked_as_decided AFTER INSERT ON health_certificates_revokedcertificate
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION health_revoked_as_decided();

CREATE FUNCTION health_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER revoked_only_grows BEFORE UPDATE OR DELETE ON health_certificates_revokedcertificate
    FOR EACH ROW EXECUTE FUNCTION health_only_grows();
CREATE TRIGGER revoked_no_truncate BEFORE TRUNCATE ON health_certificates_revokedcertificate
    FOR EACH STATEMENT EXECUTE FUNCTION health_only_grows();
CREATE TRIGGER edition_only_grows BEFORE UPDATE OR DELETE ON health_certificates_revocationedition
    FOR EACH ROW EXECUTE FUNCTION health_only_grows();
CREATE TRIGGER trust_edition_stays BEFORE UPDATE ON health_certificates_trustedition
    FOR EACH ROW EXECUTE FUNCTION health_only_grows();

CREATE FUNCTION health_decision_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.environment, NEW.reason, NEW.size, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.environment, OLD.reason, OLD.size, OLD.proposed_by, OLD.proposed_at)
        OR OLD.effective_at IS NOT NULL AND (NEW.effective_at, NEW.confirmed_by)
        IS DISTINCT FROM (OLD.effective_at, OLD.confirmed_by)
    THEN
        RAISE EXCEPTION 'a decision to revoke stays' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revocation_stays BEFORE UPDATE OR DELETE ON health_certificates_revocation
    FOR EACH ROW EXECUTE FUNCTION health_decision_stays();

CREATE FUNCTION health_edition_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE newest health_certificates_revocationedition%ROWTYPE;
BEGIN
    SELECT * INTO newest FROM health_certificates_revocationedition
        WHERE environment = NEW.environment ORDER BY version DESC LIMIT 1;
    IF NEW.version <> coalesce(newest.version, 0) + 1 OR NEW.entries < coalesce(newest.entries, 0) THEN
        RAISE EXCEPTION 'a revocation list only grows' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_follows BEFORE INSERT ON health_certificates_revocationedition
    FOR EACH ROW EXECUTE FUNCTION health_edition_follows();

CREATE FUNCTION health_list_not_older() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM health_certificates_trustedition e WHERE e.source_id = NEW.source_id
            AND (e.sequence > NEW.sequence OR e.sequence = NEW.sequence AND e.digest <> NEW.digest)
    ) THEN
        RAISE EXCEPTION 'a list is never replaced by an older one' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trust_edition_not_older BEFORE INSERT ON health_certificates_trustedition
    FOR EACH ROW EXECUTE FUNCTION health_list_not_older();
"""

KEYS_STAY = """
CREATE FUNCTION health_key_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE steps text[] := ARRAY['requested', 'certified', 'active', 'retired', 'compromised'];
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.environment, NEW.purpose, NEW.public_key, NEW.label, NEW.created_by)
        IS DISTINCT FROM (OLD.environment, OLD.purpose, OLD.public_key, OLD.label, OLD.created_by)
        OR OLD.certificate IS NOT NULL AND (NEW.certificate, NEW.kid, NEW.not_before, NEW.not_after)
        IS DISTINCT FROM (OLD.certificate, OLD.kid, OLD.not_before, OLD.not_after)
        OR OLD.activated_at IS NOT NULL AND (NEW.activated_at, NEW.activated_by)
        IS DISTINCT FROM (OLD.activated_at, OLD.activated_by)
        OR array_position(steps, NEW.state::text) < array_position(steps, OLD.state::text)
        OR NEW.signed_count < OLD.signed_count
    THEN
        RAISE EXCEPTION 'a signing key only goes forward' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER key_goes_forward BEFORE UPDATE OR DELETE ON health_certificates_signingkey
    FOR EACH ROW EXECUTE FUNCTION health_key_goes_forward();
"""

UNDO = """
DROP TRIGGER issued_signed_as_approved ON health_certificates_issued;
DROP TRIGGER issued_only_grows ON health_certificates_issued;
DROP TRIGGER issued_no_truncate ON health_certificates_issued;
DROP TRIGGER record_written_first ON health_certificates_record;
DROP TRIGGER record_stays ON health_certificates_record;
DROP TRIGGER batch_stays ON health_certificates_batch;
DROP TRIGGER revoked_as_decided ON health_certificates_revokedcertificate;
DROP TRIGGER revoked_only_grows ON health_certificates_revokedcertificate;
DROP TRIGGER revoked_no_truncate ON health_certificates_revokedcertificate;
DROP TRIGGER edition_only_grows ON health_certificates_revocationedition;
DROP TRIGGER trust_edition_stays ON health_certificates_trustedition;
DROP TRIGGER revocation_stays ON health_certificates_revocation;
DROP TRIGGER edition_follows ON health_certificates_revocationedition;
DROP TRIGGER trust_edition_not_older ON health_certificates_trustedition;
DROP TRIGGER key_goes_forward ON health_certificates_signingkey;
DROP FUNCTION health_signed_as_approved, health_register_only_grows, health_record_is_written_first,
    health_record_stays, health_batch_stays_as_approved, health_revoked_as_decided, health_only_grows,
    health_decision_stays, health_edition_follows, health_list_not_older, health_key_goes_forward;
"""


class Migration(migrations.Migration):
    dependencies = [("health_certificates", "0001_initial")]
    operations = [
        migrations.RunSQL(SIGNED_AS_APPROVED + RECORDS_STAY + REVOCATIONS_GROW + KEYS_STAY, UNDO),
    ]
