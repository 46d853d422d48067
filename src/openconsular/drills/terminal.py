"""What a drill shows in the terminal: progress while it runs, the figures when it is done."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

LABELS = {
    "database": gettext_lazy("Preparing the database"),
    "people": gettext_lazy("Registering synthetic citizens"),
    "certificates": gettext_lazy("Issuing health certificates"),
    "published": gettext_lazy("Messages published"),
    "answered": gettext_lazy("Answered, of those in the way"),
}


SECONDS_BETWEEN_LINES = 10.0


class Screen:
    """Progress on standard error, so that standard output carries only the result.

    Bars on a terminal; in a log, which cannot be redrawn, a line every few seconds.
    """

    def __init__(self) -> None:
        translation.activate(settings.TERMINAL_LANGUAGE)
        self.console = Console(stderr=True, highlight=False)
        self._is_log = not self.console.is_terminal
        self._started = self._last_line = time.monotonic()
        self._bars = Progress(
            TextColumn("{task.description:<32}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if not self._is_log:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_log:
            self._bars.stop()

    def progress(self, stage: str, done: int, total: int) -> None:
        if self._is_log:
            self._write_line(stage, done, total)
            return
        if stage not in self._tasks:
            if "database" in self._tasks:
                self._bars.update(self._tasks["database"], completed=1, total=1)
            self._tasks[stage] = self._bars.add_task(str(LABELS.get(stage, stage)), total=total or None)
        self._bars.update(self._tasks[stage], completed=done, total=total or None)

    def _write_line(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        is_new = stage not in self._tasks
        if not is_new and done < total and now - self._last_line < SECONDS_BETWEEN_LINES:
            return
        if not is_new and done >= total and self._tasks[stage] == done:
            return
        self._tasks[stage] = TaskID(done)
        self._last_line = now
        elapsed = f"{now - self._started:5.0f} s"
        counted = f" {done:,}/{total:,}" if total else ""
        self.console.print(f"{elapsed}  {LABELS.get(stage, stage)}{counted}", soft_wrap=True)


def show_figures(console: Console, numbers: Mapping[str, Any]) -> None:
    """The figures of `measure.Numbers.as_dict()` as a table."""
    table = Table(title=_("The drill in figures"), title_justify="left", show_header=False, min_width=46)
    table.add_column()
    table.add_column(justify="right")
    names = {
        "registered": _("registered"),
        "affected": _("in the way"),
        "warned": _("warned"),
        "answered": _("answered"),
        "safe": _("safe"),
        "help": _("needed help"),
        "elsewhere": _("elsewhere"),
        "silent": _("without an answer"),
        "cases": _("cases"),
        "lost": _("lost"),
        "duplicates": _("sent twice"),
        "seconds_to_first": _("seconds from publication to the first message"),
        "seconds_to_last": _("seconds from publication to the last message"),
    }
    for key, name in names.items():
        value = numbers[key]
        table.add_row(name, f"{value:,}" if value is not None else "—")
    console.print(table)


def show_report(console: Console, html: str, pdf: str) -> None:
    console.print(_("Report: %(path)s") % {"path": html}, soft_wrap=True)
    console.print(_("As PDF: %(path)s") % {"path": pdf}, soft_wrap=True)


def show_sign_ins(console: Console, url: str, sign_ins: Sequence[Mapping[str, str]]) -> None:
    table = Table(title=_("Staff sign in at %(url)s") % {"url": f"{url}/staff/login/"}, title_justify="left")
    for name in (_("user"), _("password"), _("role")):
        table.add_column(name, no_wrap=True)
    for one in sign_ins:
        table.add_row(one["username"], one["password"], one["role"])
    console.print(_("The site is up: %(url)s") % {"url": url})
    console.print(table)


def show_clinic(console: Console, told: Mapping[str, Any]) -> None:
    """Where to look at health certificates (`drills.clinic.told`)."""
    words = {"count": told["certificates"], "verifier": told["verifier"]}
    console.print(
        _("Health certificates: %(count)s, checked without a network at %(verifier)s") % words, soft_wrap=True
    )
    words = {"claim": told["claim"], "code": told["claim_code"], "day": told["born_on"]}
    console.print(
        _("Fetch one at %(claim)s with the code %(code)s and the date of birth %(day)s") % words,
        soft_wrap=True,
    )
    console.print(_("One on paper: %(path)s") % {"path": told["sample"]}, soft_wrap=True)
