"""Entry rules: which are held, how old their lists are, and each one in words a person can follow."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.citizens.queries import country_name
from openconsular.domain.health.rules.wording import best_text
from openconsular.foundation.errors import Conflict, InvalidInput, OpenConsularError
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates import entry_rules
from openconsular.health_certificates.actions import rules as actions
from openconsular.health_certificates.forms.rules import RuleImportForm, RuleSearchForm, RuleSourceForm
from openconsular.health_certificates.models import EntryRule, RuleEdition, RuleSource
from openconsular.health_certificates.queries import rules as queries
from openconsular.health_certificates.rule_reading import field_name, read
from openconsular.health_certificates.views.frame import framed, names
from openconsular.health_certificates.views.lists import age_words

PAGE = 50
HERE = "certificate-rules"
P = Permission
SEEN_BY = (P.MANAGE_ENTRY_RULES, P.SEE_HEALTH)


def kind_words() -> dict[str, str]:
    return {
        "general": _("every certificate"),
        "vaccination": _("vaccination"),
        "test": _("test"),
        "recovery": _("recovery"),
    }


def type_words() -> dict[str, str]:
    return {
        "Acceptance": _("for entering"),
        "Invalidation": _("taken back by the issuer"),
        "BoosterNotification": _("tells holders of a further dose; not asked at a border"),
    }


def proof_words() -> dict[str, str]:
    return {
        "signed": _("each rule signed by its country"),
        "address": _("from its address"),
        "file": _("by file"),
    }


@require_safe
@staff_page(*SEEN_BY)
def rule_list(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    kinds = kind_words()
    form = RuleSearchForm(request.GET or None, countries=queries.countries(), kinds=list(kinds.items()))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = queries.rules(
        text=wanted.get("q", ""), country=wanted.get("country", ""), kind=wanted.get("kind", "")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lists = [{"one": one, "age": age_words(one.age)} for one in queries.rule_lists(now=now)]
    context = framed(
        request,
        HERE,
        form=form,
        is_asked=bool(any(wanted.values())),
        page=page,
        rows=[_row(one, kinds, now) for one in page.object_list],
        lists=lists,
        known=_known(now),
        may_manage=by.can(P.MANAGE_ENTRY_RULES),
        may_check=by.can(P.SEE_HEALTH),
    )
    return render(request, "health_certificates/staff/rules.html", context)


def _row(one: EntryRule, kinds: dict[str, str], now: datetime) -> dict[str, Any]:
    language = get_language() or "en"
    rule = entry_rules.rule_of(one.body)
    tag, words = best_text(rule.descriptions, (language,))
    return {
        "one": one,
        "words": words,
        "language": tag,
        "country": country_name(one.country, language),
        "kind": kinds.get(one.kind or "general", one.kind),
        "type": type_words().get(one.type, one.type),
        **_state(one, now),
    }


def _state(one: EntryRule, now: datetime) -> dict[str, str]:
    if one.withdrawn_at is not None:
        return {"state": _("withdrawn"), "colour": "neutral"}
    if one.fault:
        return {"state": _("has a fault"), "colour": "danger"}
    if one.valid_from > now:
        return {"state": _("not yet in force"), "colour": "info"}
    if one.valid_to <= now:
        return {"state": _("no longer in force"), "colour": "neutral"}
    return {"state": _("in force"), "colour": "success"}


def _known(now: datetime) -> dict[str, Any]:
    """What is known of demands under the Regulations, and whether it is too old to rely on."""
    demands, states = entry_rules.demands_known()
    language = get_language() or "en"
    return {
        "polio_as_of": states.as_of,
        "polio_review_by": states.review_by,
        "polio_is_due": states.is_due(now),
        "polio_source": states.source,
        "polio_states": sorted(country_name(code, language) for code in states.countries),
        "demands_as_of": demands.as_of,
        "demands_is_due": now.date() - demands.as_of > demands.review_after,
        "demands_count": len(demands.by_country),
    }


@require_safe
@staff_page(*SEEN_BY)
def rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    now = timezone.now()
    one = queries.rule(rule_id)
    found = entry_rules.rule_of(one.body)
    language = get_language() or "en"
    tag, words = best_text(found.descriptions, (language,))
    logic = json.loads(one.body).get("Logic")
    context = framed(
        request,
        HERE,
        one=one,
        rule=found,
        row=_row(one, kind_words(), now),
        words=words,
        language=tag,
        others=sorted((lang, text) for lang, text in found.descriptions.items() if lang != tag),
        reading=None if one.fault else read(logic),
        logic=json.dumps(logic, ensure_ascii=False, indent=1),
        fields=[{"path": path, "name": field_name(path)} for path in found.fields],
        versions=[{"one": other, **_state(other, now)} for other in queries.versions(one)],
    )
    return render(request, "health_certificates/staff/rule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(P.MANAGE_ENTRY_RULES)
def add(request: HttpRequest) -> HttpResponse:
    form = RuleSourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_rule_source(**form.cleaned_data, by=actor_of(request), now=timezone.now())
        except (InvalidInput, Conflict) as error:
            for name, text in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, text)
        else:
            messages.success(request, _("Added. Now take the list itself."))
            return redirect("certificate-rule-list", form.cleaned_data["name"])
    context = framed(request, HERE, form=form)
    status = 400 if form.errors else 200
    return render(request, "health_certificates/staff/rule_list_add.html", context, status=status)


@require_safe
@staff_page(*SEEN_BY)
def one_list(request: HttpRequest, name: str) -> HttpResponse:
    return _page(request, name)


def _page(
    request: HttpRequest, name: str, status: int = 200, importing: RuleImportForm | None = None
) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    state = queries.rule_list(name, now=now)
    edition = state.edition
    taken_by = edition.taken_by if edition else ""
    context = framed(
        request,
        HERE,
        state=state,
        source=state.source,
        edition=edition,
        age=age_words(state.age),
        proof=proof_words().get(edition.proof, edition.proof) if edition else "",
        taken_by=names([taken_by]).get(taken_by, taken_by),
        incomplete=[country_name(code, get_language() or "en") for code in edition.incomplete]
        if edition
        else [],
        editions=list(queries.editions(state.source)[:10]),
        code_sets=list(queries.code_sets(state.source)),
        importing=importing or RuleImportForm(),
        may_manage=by.can(P.MANAGE_ENTRY_RULES),
        is_of_rules=state.source.kind == RuleSource.Kind.RULES,
    )
    return render(request, "health_certificates/staff/rule_list.html", context, status=status)


@require_POST
@staff_page(P.MANAGE_ENTRY_RULES)
def take_file(request: HttpRequest, name: str) -> HttpResponse:
    form = RuleImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            edition = actions.import_rules(
                name=name,
                content=form.cleaned_data["file"].read(),
                may_shrink=form.cleaned_data["may_shrink"],
                by=actor_of(request),
                now=timezone.now(),
            )
        except InvalidInput as error:
            form.add_error("file", f"{error.message} ({error.code})")
        else:
            _say(request, edition)
            return redirect("certificate-rule-list", name)
    return _page(request, name, status=400, importing=form)


@require_POST
@staff_page(P.MANAGE_ENTRY_RULES)
def fetch(request: HttpRequest, name: str) -> HttpResponse:
    try:
        edition = actions.fetch_rules(name=name, by=actor_of(request), now=timezone.now())
    except OpenConsularError as error:
        messages.error(request, f"{error.message} ({error.code})")
    else:
        _say(request, edition)
    return redirect("certificate-rule-list", name)


def _say(request: HttpRequest, edition: RuleEdition) -> None:
    said = _("Held: %(held)d. New: %(added)d. Withdrawn: %(withdrawn)d. Refused: %(refused)d.")
    figures = {
        "held": edition.taken_count,
        "added": edition.added,
        "withdrawn": edition.withdrawn,
        "refused": edition.refused_count,
    }
    tell = messages.warning if edition.refused_count else messages.success
    tell(request, said % figures)


@require_POST
@staff_page(P.MANAGE_ENTRY_RULES)
def switch(request: HttpRequest, name: str) -> HttpResponse:
    is_enabled = request.POST.get("enabled") == "1"
    actions.switch_rule_source(name=name, is_enabled=is_enabled, by=actor_of(request), now=timezone.now())
    said = (
        _("Certificates are judged by this list again.")
        if is_enabled
        else _("Nobody is judged by this list any more.")
    )
    messages.success(request, said)
    return redirect("certificate-rule-list", name)
