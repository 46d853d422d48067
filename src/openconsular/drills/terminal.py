"""What a drill shows in the terminal: progress while it runs, the figures when it is done."""

from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from openconsular.drills.run import Done

LABELS = {
    "database": _("Preparing the database"),
    "people": _("Registering synthetic citizens"),
    "published": _("Messages published"),
    "answered": _("Answered, of those in the way"),
}


class Screen:
    """Progress bars on standard error, so that standard output carries only the result."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description:<32}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progress(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            if "database" in self._tasks:
                self._bars.update(self._tasks["database"], completed=1, total=1)
            self._tasks[stage] = self._bars.add_task(LABELS.get(stage, stage), total=total or None)
        self._bars.update(self._tasks[stage], completed=done, total=total or None)


def show_figures(console: Console, done: Done) -> None:
    numbers = done.numbers
    table = Table(title=_("The drill in figures"), title_justify="left", show_header=False, min_width=46)
    table.add_column()
    table.add_column(justify="right")
    rows: list[tuple[str, object]] = [
        (_("registered"), numbers.registered),
        (_("in the way"), numbers.affected),
        (_("warned"), numbers.warned),
        (_("safe"), numbers.safe),
        (_("needed help"), numbers.help),
        (_("elsewhere"), numbers.elsewhere),
        (_("without an answer"), numbers.silent),
        (_("cases"), numbers.cases),
        (_("lost"), numbers.lost),
        (_("sent twice"), numbers.duplicates),
        (_("seconds from publication to the first message"), numbers.seconds_to_first),
        (_("seconds from publication to the last message"), numbers.seconds_to_last),
    ]
    for name, value in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    console.print(table)


def show_report(console: Console, done: Done) -> None:
    console.print(_("Report: %(path)s") % {"path": done.written.html}, soft_wrap=True)
    console.print(_("As PDF: %(path)s") % {"path": done.written.pdf}, soft_wrap=True)


def show_sign_ins(console: Console, done: Done) -> None:
    table = Table(title=_("Staff sign in at %(url)s") % {"url": f"{done.url}/staff/login/"}, title_justify="left")
    for name in (_("user"), _("password"), _("role")):
        table.add_column(name)
    for one in done.sign_ins:
        table.add_row(one.username, one.password, one.role)
    console.print(_("The site is up: %(url)s") % {"url": done.url})
    console.print(table)
