"""One's own interviews: begin one, look at the lines, hand them in. They are nobody else's, whatever their role."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.crm.page import crm_page
from sales_app.encoding import deciding
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.interview.agent import NAME
from sales_app.encoding.interview.handing_in import hand_in
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.errors import SkillError
from sessions_app.control.start import start_session
from sessions_app.errors import SessionsError


class LineForm(forms.Form):
    line = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    action = forms.ChoiceField(choices=[(name, name) for name in deciding.AFTER])
    text = forms.CharField(required=False, max_length=1000)


@require_http_methods(["GET", "HEAD", "POST"])
@crm_page("crm.write")
def interviews(request: HttpRequest, user: User) -> HttpResponse:
    """POST ``skill``, ``id`` begins one; the same ``id`` again leads to the same chat."""
    skills = [version.skill for version in store.published_all()]
    if request.method == "POST":
        skill = next((each for each in skills if each.name == request.POST.get("skill")), None)
        if skill is None:
            messages.error(request, "This skill is no longer published. Choose another one.")
            return redirect("interviews")
        try:
            started = start_session(
                user,
                agent=NAME,
                title=f"Interview: {skill.name}",
                text=f"Interview me about {skill.name}",
                client_id=request.POST.get("id", "")[:64],
            )
        except SessionsError as refused:
            messages.error(request, str(refused))
            return redirect("interviews")
        return redirect("chat-session", started.session.pk)
    own = Encoding.objects.filter(kind=Encoding.Kind.INTERVIEW, asked_by=user).select_related(
        "skill", "draft__skill"
    )
    context = {"skills": skills, "interviews": own, "id": uuid4().hex}
    return render(request, "encoding/interviews.html", context)


@require_safe
@crm_page("crm.write")
def interview(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    found = _own(user, pk)
    lines = list(found.lines.all())
    context = {
        "encoding": found,
        "lines": lines,
        "kept": sum(line.state != ProposedLine.State.REJECTED for line in lines),
    }
    return render(request, "encoding/interview.html", context)


@require_POST
@crm_page("crm.write")
def decide(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    found = _own(user, pk)
    form = LineForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        line = get_object_or_404(found.lines.select_related("encoding"), pk=values["line"])
        try:
            deciding.decide(line, values["action"], by=user, seen=values["seen"], text=values["text"])
        except EncodingError as refused:
            messages.error(request, f"{refused.message} {refused.fix}")
    return redirect("interview", pk)


@require_POST
@crm_page("crm.write")
def give(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    try:
        version = hand_in(_own(user, pk), by=user)
    except (EncodingError, SkillError) as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
    else:
        messages.success(request, f"Handed in: {version} is a draft. RevOps evaluates it before it counts.")
    return redirect("interview", pk)


def _own(user: User, pk: int) -> Encoding:
    found = Encoding.objects.select_related("skill", "draft__skill")
    return get_object_or_404(found, pk=pk, kind=Encoding.Kind.INTERVIEW, asked_by=user)
