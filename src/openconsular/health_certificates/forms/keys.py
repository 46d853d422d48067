"""Forms of the keys and of the lists of others."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models import Record, SigningKey, TrustSource

CERTIFICATE_MOST = 64 * 1024
LIST_MOST = 32 * 1024 * 1024
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class MakeKeyForm(forms.Form):
    label = forms.SlugField(
        label=_("Name of the key"),
        max_length=50,
        help_text=_("Letters, digits and hyphens, such as dsc-2026-2. It never changes."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=SigningKey.Purpose.choices)
    kinds = forms.MultipleChoiceField(
        label=_("What it may sign"),
        choices=Record.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a document signer. None ticked means all."),
    )
    most_certificates = forms.IntegerField(
        label=_("At most so many signatures"),
        required=False,
        min_value=1,
        max_value=10**12,
        help_text=_("Bounds what a lost key can have signed."),
    )
    in_token = forms.BooleanField(
        label=_("In the hardware token"),
        required=False,
        help_text=_("Its private half then never leaves it."),
    )


class InstallForm(forms.Form):
    """A certificate as a file or as pasted text."""

    file = forms.FileField(label=_("Certificate (PEM or DER)"), required=False)
    text = forms.CharField(
        label=_("Or paste it here"),
        required=False,
        max_length=CERTIFICATE_MOST,
        widget=forms.Textarea(attrs={"rows": 4, "class": "oc-wide", **_PLAIN}),
    )
    sign_days = forms.IntegerField(
        label=_("Signs for … days"),
        required=False,
        min_value=1,
        max_value=3660,
        help_text=_(
            "Empty: as long as its certificate is valid. Shorter, so that what it signs can outlive its turn."
        ),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        file = found.get("file")
        if file is not None and file.size > CERTIFICATE_MOST:
            self.add_error("file", _("This file is too large."))
        elif file is None and not found.get("text"):
            self.add_error(None, _("Choose a file or paste the certificate."))
        return found

    def certificate(self) -> bytes:
        file = self.cleaned_data.get("file")
        content: bytes = file.read() if file else self.cleaned_data["text"].strip().encode()
        return content


class CertifyForm(forms.Form):
    authority = forms.ChoiceField(label=_("Authority"))
    days = forms.IntegerField(
        label=_("Certificate valid for … days"), initial=730, min_value=1, max_value=3660
    )
    sign_days = forms.IntegerField(label=_("Signs for … days"), initial=180, min_value=1, max_value=3660)

    def __init__(self, *args: Any, authorities: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [(one, one) for one in authorities]  # type: ignore[attr-defined]


class RetireForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput(attrs=_PLAIN))
    is_compromised = forms.BooleanField(
        label=_("It was compromised"),
        required=False,
        help_text=_(
            "Its private half is destroyed here at once. Have its certificate taken off the trust list, and its certificates revoked."
        ),
    )
    typed = forms.CharField(label=_("Type the name of the key"), widget=forms.TextInput(attrs=_PLAIN))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed != self.label:
            raise forms.ValidationError(_("This is not the name of the key."))
        return typed


class SourceForm(forms.Form):
    """A list of others: where it comes from, and what vouches for it."""

    name = forms.SlugField(
        label=_("Name of the list"),
        max_length=50,
        help_text=_("Letters, digits and hyphens."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=TrustSource.Kind.choices)
    url = forms.URLField(
        label=_("Address"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_(
            "https only, but for an authority's own list (CRL). Empty for a list that comes as a file."
        ),
    )
    issuer = forms.CharField(
        label=_("Issuer"),
        required=False,
        max_length=300,
        help_text=_("The address of a SMART issuer, or the identifier of a revocation list."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    public_key = forms.CharField(
        label=_("Public key or certificate of its publisher (PEM)"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "oc-wide", **_PLAIN}),
    )
    publisher_name = forms.CharField(
        label=_("Name in the certificate that signs"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_(
            "Where the certificate above is an authority's: whose certificate below it signs the list."
        ),
    )
    verification_method = forms.CharField(
        label=_("Verification method of a DID"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    confirmed = forms.RegexField(
        "^[0-9a-fA-F]{64}$",
        label=_("SHA-256 of the file, compared by a person"),
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("64 hexadecimal signs, for a list nobody signs."),
    )
    stale_after_hours = forms.IntegerField(
        label=_("Stale after … hours"), initial=48, min_value=1, max_value=8760
    )

    def anchors(self) -> dict[str, str]:
        names = ("public_key", "publisher_name", "verification_method", "confirmed")
        return {name: value for name in names if (value := self.cleaned_data.get(name, "").strip())}


class ImportForm(forms.Form):
    file = forms.FileField(label=_("List as a file"))
    confirmed = forms.RegexField(
        "^[0-9a-fA-F]{64}$",
        label=_("SHA-256 of the file, compared by a person"),
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
        help_text=_("64 hexadecimal signs, for a list nobody signs."),
    )
    goes_back = forms.BooleanField(
        label=_("Its publisher went back to this earlier edition"),
        required=False,
        help_text=_("Only if they said so: who hands out an old list hides what was taken off since."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIST_MOST:
            raise forms.ValidationError(_("This file is too large."))
        return file
