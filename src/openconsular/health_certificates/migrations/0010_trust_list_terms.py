"""Lists of signers that authorities revoked, and until when an edition is good by its own word."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("health_certificates", "0009_entry_rules")]

    operations = [
        migrations.AddField(
            model_name="trustedition",
            name="valid_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="trustsource",
            name="kind",
            field=models.CharField(
                choices=[
                    ("gdhcn-did", "WHO GDHCN trust list (DID)"),
                    ("dsc-list", "list of signer certificates (EU style)"),
                    ("jwks", "keys of a SMART issuer (JWKS)"),
                    ("vds-nc", "VDS-NC signers"),
                    ("revocations", "revocation list"),
                    ("crl", "signers an authority revoked (CRL)"),
                ],
                max_length=12,
            ),
        ),
    ]
