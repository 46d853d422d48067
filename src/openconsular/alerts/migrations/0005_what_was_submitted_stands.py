"""What one person submitted and a second approves is what leaves: the database refuses to change it in between."""

from django.db import migrations

GUARD = """
CREATE FUNCTION alerts_submitted_warning_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approval_above > OLD.approval_above THEN
        RAISE EXCEPTION 'the number above which a second person approves is never raised' USING ERRCODE = '23514';
    END IF;
    IF OLD.state NOT IN ('proposed', 'discarded') AND NEW.state NOT IN ('proposed', 'discarded') AND (
        (NEW.incident_id, NEW.kind, NEW.grade, NEW.area, NEW.is_exercise, NEW.submitted_by_id, NEW.confirmed_size)
        IS DISTINCT FROM
        (OLD.incident_id, OLD.kind, OLD.grade, OLD.area, OLD.is_exercise, OLD.submitted_by_id, OLD.confirmed_size)
        OR OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
    ) THEN
        RAISE EXCEPTION 'a submitted warning stands as it was submitted' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submitted_warning_stands BEFORE UPDATE ON alerts_warning
    FOR EACH ROW EXECUTE FUNCTION alerts_submitted_warning_stands();

CREATE FUNCTION alerts_submitted_words_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    warning_state text;
BEGIN
    SELECT state INTO warning_state FROM alerts_warning WHERE id = coalesce(NEW.warning_id, OLD.warning_id);
    IF warning_state = 'submitted' OR TG_OP = 'UPDATE' AND warning_state IN ('sending', 'sent', 'stopped') THEN
        RAISE EXCEPTION 'the words of a submitted warning stand' USING ERRCODE = '23514';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER submitted_words_stand BEFORE INSERT OR UPDATE OR DELETE ON alerts_warningtext
    FOR EACH ROW EXECUTE FUNCTION alerts_submitted_words_stand();
"""
UNDO = """
DROP TRIGGER submitted_words_stand ON alerts_warningtext;
DROP FUNCTION alerts_submitted_words_stand();
DROP TRIGGER submitted_warning_stands ON alerts_warning;
DROP FUNCTION alerts_submitted_warning_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_unread_replies_sealed_and_found")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
