"""The form of a draft."""

from django import forms

from sales_app.mail.models import Mail
from sales_app.mail.sending import Letter, fault


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """``version`` is the one the form was made from; see ``drafts.py``."""

    recipient = forms.EmailField(label="To", max_length=320)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Mail
        fields = ["recipient", "subject", "body"]
        labels = {"body": "Text"}
        widgets = {"body": forms.Textarea({"rows": 14})}

    def clean(self) -> None:
        super().clean()
        if not self.errors:
            data = self.cleaned_data
            wrong = fault(Letter(to=data["recipient"], subject=data["subject"], body=data["body"]))
            if wrong:
                raise forms.ValidationError(wrong, code="unsendable")

    def given_version(self) -> int:
        return self.cleaned_data.get("version") or 0
