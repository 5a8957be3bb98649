"""The audit trail. What guards it lies in the database, so that it holds whoever asks."""

import django.db.models.functions.datetime
import sitecluster.audit.models
from django.db import migrations, models

# The time of an entry is the database's, and its place in the queue of the sealer is made in its
# own transaction. Both run as the owner of the tables, so a role that may only add entries needs
# no right on the queue.
GUARDS = """
CREATE FUNCTION public.audit_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION public.audit_queue() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.audit_unsealed (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION public.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail only grows: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_stamp BEFORE INSERT ON public.audit_entry
    FOR EACH ROW EXECUTE FUNCTION public.audit_stamp();
CREATE TRIGGER audit_queue AFTER INSERT ON public.audit_entry
    FOR EACH ROW EXECUTE FUNCTION public.audit_queue();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON public.audit_entry
    FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public.audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON public.audit_seal
    FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON public.audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();
"""
UNGUARD = """
DROP FUNCTION public.audit_stamp() CASCADE;
DROP FUNCTION public.audit_queue() CASCADE;
DROP FUNCTION public.audit_refuse() CASCADE;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("act", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(help_text="SHA-256 of the entry", max_length=64)),
                (
                    "hash",
                    models.CharField(help_text="SHA-256 of the chain up to here", max_length=64),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="set by the database alone",
                        verbose_name="time",
                    ),
                ),
                ("act", models.CharField(max_length=100, verbose_name="act")),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=255, verbose_name="person")),
                ("actor_email", models.CharField(blank=True, max_length=254)),
                ("site_id", models.BigIntegerField(null=True)),
                (
                    "site_code",
                    models.CharField(blank=True, max_length=63, verbose_name="site code"),
                ),
                ("subject", models.TextField(blank=True, verbose_name="subject")),
                (
                    "before",
                    models.JSONField(
                        encoder=sitecluster.audit.models.AnyEncoder,
                        null=True,
                        verbose_name="before",
                    ),
                ),
                (
                    "after",
                    models.JSONField(
                        encoder=sitecluster.audit.models.AnyEncoder, null=True, verbose_name="after"
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("document", models.TextField(blank=True, verbose_name="document number")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="client address")),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        help_text="web, “command <name>” or “task <name>”",
                        max_length=200,
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["site_id", "-at"], name="entries_of_a_site"),
                    models.Index(fields=["-at"], name="entries_by_time"),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
