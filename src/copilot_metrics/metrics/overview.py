"""What several `Report`s come to side by side: a line each, a headline, what stands out. Pure, all arithmetic.

People are never added: who is in two teams counts in both. Teams are in alphabetical order, not ranked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from copilot_metrics.metrics import counting_changes, expected_range, insights
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.metrics.team_weekdays import Moves, WorkingDays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from copilot_metrics.metrics.insights import ActivePeople, Change
    from copilot_metrics.metrics.model import Period, Report
    from copilot_metrics.scope import Scope

MANY = 40  # lines; beyond, their distribution and what stands out come first
HIGH = 0.8  # of the licensed people, for the headline
FEW_TEAMS = 5  # with fewer, a chart of teams says nothing
TENTHS = 10
BELOW, ABOVE = "below", "above"
_AGENT = "monthly_active_agent_users"
_MOST_WHOLES = 3
_MOST_DETAILED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A scope of the usage metrics API: people as of the last day, `licensed` and of them `month`, `week`, `agent`.

    `before` is what `month` and `licensed` were in the period before. `usual`: its period is that of most lines.
    `chance` says where the share lies outside what chance explains.
    """

    report: Report
    licensed: int | None
    month: int | None
    week: int | None
    agent: int | None
    before: tuple[int, int | None] | None
    change: Change
    usual: bool = True
    chance: str = ""

    @property
    def scope(self) -> Scope:
        """What it is of."""
        return self.report.scope

    @property
    def share(self) -> float | None:
        """Active in 28 days ÷ licensed, from 0 to 1."""
        return insights.share(self.month, self.licensed)

    @property
    def metrics(self) -> dict[str, str]:
        """What counting changes call its `month`, `week`, and `agent`; only of those that are reported."""
        month, week = insights.active_in_month(self.report.current), insights.active_in_week(self.report.current)
        names = {
            "month": month and month.name,
            "week": week and week.name,
            "agent": None if self.agent is None else _AGENT,
        }
        return {value: f"users.{name}" for value, name in names.items() if name}

    @property
    def noted(self) -> set[counting_changes.CountingChange]:
        """The counting changes that mark one of its values, or because of which its change is not compared."""
        found = {change for name in self.metrics.values() for change in counting_changes.marking(self.report, name)}
        return found | ({self.change.boundary.change} if self.change.boundary else set())

    @property
    def told(self) -> float | None:
        """The share where it may be compared with others: of the usual period, fetched in this run."""
        return self.share if self.usual and not self.report.is_stale else None

    @property
    def moved(self) -> int:
        """By how many people it changed; 0 where not compared, or by too few to mean anything."""
        return round(self.change.by) if self.change.is_clear and self.usual and not self.report.is_stale else 0


class Headline(NamedTuple):
    """How many scopes of a kind have a `high` share, and how they moved."""

    kind: str
    high: int
    moves: Moves


class Note(NamedTuple):
    """What a counting change means, and the scopes that it concerns if it does not concern all in the same way."""

    text: str
    scopes: Sequence[Scope]


class Section(NamedTuple):
    """Lines that stand in one table, all of one `owner` unless that is empty; `kinds` says what is among them."""

    owner: str
    kinds: Sequence[str]
    lines: Sequence[Line]


class Crowd(NamedTuple):
    """The teams of one organization or enterprise that have a share, and the line of that itself."""

    account: str
    owner: str
    teams: Sequence[Line]
    whole: Line | None

    @property
    def outside(self) -> list[Line]:
        """Those that chance does not explain."""
        return [line for line in self.teams if line.chance]


def detailed(scopes: Sequence[Scope]) -> list[Scope]:
    """The scopes of which a summary may tell more than a row: all of few, and the first accounts of many."""
    if len(scopes) <= MANY:
        return sorted(scopes)
    return sorted(scope for scope in scopes if not scope.team)[:_MOST_DETAILED]


def most_fallen(lines: Sequence[Line], most: int) -> list[Line]:
    """Of many lines those that fell by most people, in the order in which they come."""
    kept = {line.scope for line in sorted(lines, key=lambda line: line.moved)[:most]}
    return [line for line in lines if line.scope in kept]


def blocks(part: float) -> int:
    """How many tenths a share fills, from 0 to 10; a half is rounded up."""
    return int(part * TENTHS + 0.5)


@dataclass(frozen=True)
class Overview:
    """Reports side by side, in any order, with what they come to."""

    reports: Sequence[Report]

    @cached_property
    def ordered(self) -> list[Report]:
        """Enterprises first, then organizations, each followed by its teams, by name."""
        return sorted(self.reports, key=lambda report: report.scope)

    @cached_property
    def present(self) -> list[Report]:
        """Without the teams that GitHub does not name."""
        return [report for report in self.ordered if not report.is_absent]

    @cached_property
    def absent(self) -> list[Scope]:
        """The teams that GitHub does not name."""
        return [report.scope for report in self.ordered if report.is_absent]

    @cached_property
    def older(self) -> list[Report]:
        """Those on the Copilot metrics API, which knows no licenses."""
        return [report for report in self.present if report.api == METRICS]

    @cached_property
    def working_days(self) -> WorkingDays:
        """What these come to."""
        return WorkingDays(self.older)

    @cached_property
    def periods(self) -> list[tuple[Period, int]]:
        """The periods that are covered, and by how many reports, the most usual first."""
        told = Counter(report.current.period for report in self.present or self.ordered)
        return sorted(told.items(), key=lambda one: (-one[1], -one[0].until.toordinal(), one[0].since))

    @cached_property
    def lines(self) -> list[Line]:
        """A line for each report on the usage metrics API."""
        newer = [report for report in self.present if report.api != METRICS]
        told = Counter(report.current.period for report in newer if not report.is_stale)
        usual = max(told, key=lambda period: (told[period], period.until, period.since), default=None)
        made = [_line(report, usual) for report in newer]
        wholes = {line.scope.owner_path: line.told for line in made if not line.scope.team}
        return [_with_chance(line, wholes.get(line.scope.owner_path)) for line in made]

    @cached_property
    def before(self) -> Period | None:
        """The period that lines of the usual one are compared with, if any is."""
        found = (line.report.previous for line in self.lines if line.usual)
        return next((metrics.period for metrics in found if metrics), None)

    @cached_property
    def notes(self) -> list[Note]:
        """Return the notes about counting changes, by date; the scopes are named if an undercount ends differently."""
        scopes: dict[counting_changes.CountingChange, list[Scope]] = {}
        for line in self.lines:
            for change in line.noted:
                scopes.setdefault(change, []).append(line.scope)
        ends = Counter(change.label for change in scopes)
        ordered = sorted(scopes, key=lambda change: (change.since, change.label, change.until or dt.date.max))
        return [Note(change.text, scopes[change] if ends[change.label] > 1 else []) for change in ordered]

    @cached_property
    def accounts(self) -> list[Line]:
        """The lines of whole enterprises and organizations."""
        return [line for line in self.lines if not line.scope.team]

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many enterprises, organizations and teams there are, without kinds that are not."""
        told = Counter(_kind(report.scope) for report in self.present or self.ordered)
        return [(kind, told[kind]) for kind in _KINDS if told[kind]]

    @cached_property
    def owner(self) -> str:
        """The one organization or enterprise that all is of; empty where there are several."""
        owners = {report.scope.owner_path: report.scope.owner for report in self.ordered}
        return next(iter(owners.values())) if len(owners) == 1 else ""

    @cached_property
    def with_teams(self) -> set[str]:
        """The organizations and enterprises of which there are teams."""
        return {report.scope.owner_path for report in self.present if report.scope.team}

    @cached_property
    def everyone(self) -> list[Line]:
        """Where everyone counts once: the enterprises, or organizations with teams, if these are few."""
        enterprises = [line for line in self.accounts if line.scope.kind == "enterprises"]
        found = enterprises or [line for line in self.accounts if line.scope.owner_path in self.with_teams]
        return [line for line in found if line.month is not None] if len(found) <= _MOST_WHOLES else []

    @cached_property
    def lead(self) -> Report | None:
        """Of scopes of several owners, the one in which everyone counts once, if there is one."""
        return self.everyone[0].report if len(self.everyone) == 1 and not self.owner else None

    @cached_property
    def headline(self) -> Headline | None:
        """What the most detailed kind of scope with two shares or more comes to."""
        for kind in reversed(_KINDS):
            told = [line for line in self.lines if _kind(line.scope) == kind and line.told is not None]
            if len(told) > 1:
                high = sum(line.told is not None and line.told >= HIGH for line in told)
                compared = sum(line.change.is_compared for line in told)
                up, down = sum(line.moved > 0 for line in told), sum(line.moved < 0 for line in told)
                return Headline(kind, high, Moves(len(told), compared, up, down))
        return None

    @cached_property
    def tenths(self) -> dict[int, int]:
        """How many scopes of the headline's kind have a share of so many tenths, from the least to the most.

        A limit counts above it, and everybody is within the last.
        """
        told = Counter(
            min(int(line.told * TENTHS), TENTHS - 1)
            for line in self.lines
            if self.headline and _kind(line.scope) == self.headline.kind and line.told is not None
        )
        return {tenth: told[tenth] for tenth in range(min(told, default=0), max(told, default=-1) + 1)}

    @cached_property
    def help(self) -> list[Line]:
        """Teams with fewer active people than before, by three or more, or a share below what chance explains."""
        return self._teams(lambda line: line.moved < 0 or line.chance == BELOW)

    @cached_property
    def outside(self) -> list[Line]:
        """Teams that chance does not explain: those below first."""
        return sorted(self._teams(lambda line: bool(line.chance)), key=lambda line: line.chance != BELOW)

    def _teams(self, rule: Callable[[Line], bool]) -> list[Line]:
        return [line for line in self.lines if line.scope.team and rule(line)]

    @cached_property
    def unreported(self) -> dict[str, list[dt.date]]:
        """By API, the days that no report has whose period has them."""
        told: dict[str, tuple[set[dt.date], set[dt.date]]] = {}
        for report in self._known:
            missing, known = told.setdefault(report.api, (set(), set()))
            missing.update(report.current.missing)
            known.update(_days(report.current.period).difference(report.current.missing))
        return {api: sorted(missing - known) for api, (missing, known) in told.items() if missing - known}

    @cached_property
    def gaps(self) -> list[Report]:
        """Reports that miss days which others on their API have."""
        return [
            report
            for report in self._known
            if not set(report.current.missing).issubset(self.unreported.get(report.api, ()))
        ]

    @property
    def _known(self) -> list[Report]:
        return [report for report in self.present if not report.is_hidden]

    @cached_property
    def is_long(self) -> bool:
        """Whether there are too many lines for one table."""
        return len(self.present) > MANY

    @cached_property
    def sections(self) -> list[Section]:
        """All lines in one table, or, of many, the accounts in one and the teams of each in one."""
        if not self.is_long:
            return [Section(self.owner, _kinds(self.lines), self.lines)] if self.lines else []
        teams: dict[Scope, list[Line]] = {}
        for line in self.lines:
            if line.scope.team:
                teams.setdefault(_account(line.scope), []).append(line)
        accounts = [Section(self.owner, _kinds(self.accounts), self.accounts)] if self.accounts else []
        return [*accounts, *(Section(scope.owner, ["teams"], lines) for scope, lines in teams.items())]

    def pages(self, most: int) -> list[tuple[list[Section], list[Report]]]:
        """The tables on pages of so many rows at most: sections of lines, then the reports on the older API."""
        made: list[tuple[list[Section], list[Report]]] = []
        room = 0
        for section in self.sections:
            rest = section.lines
            while rest:
                if not room:
                    made, room = [*made, ([], [])], most
                made[-1][0].append(section._replace(lines=rest[:room]))
                rest, room = rest[room:], room - len(rest[:room])
        return [*made, *(([], self.older[at : at + most]) for at in range(0, len(self.older), most))]

    @cached_property
    def crowds(self) -> list[Crowd]:
        """The organizations and enterprises with enough teams for a chart."""
        told: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.scope.team and line.told is not None:
                told.setdefault(line.scope.owner_path, []).append(line)
        wholes = {line.scope.owner_path: line for line in self.accounts if line.told is not None}
        return [
            Crowd(account, teams[0].scope.owner, teams, wholes.get(account))
            for account, teams in told.items()
            if len(teams) >= FEW_TEAMS
        ]


def _days(period: Period) -> set[dt.date]:
    return {period.since + dt.timedelta(days=offset) for offset in range(period.length)}


_KINDS = ("enterprises", "organizations", "teams")


def _kind(scope: Scope) -> str:
    return "teams" if scope.team else "organizations" if scope.kind == "orgs" else "enterprises"


def _kinds(lines: Iterable[Line]) -> list[str]:
    told = {_kind(line.scope) for line in lines}
    return [kind for kind in _KINDS if kind in told]


def _account(scope: Scope) -> Scope:
    return type(scope)(scope.kind, scope.owner)


def _line(report: Report, usual: Period | None) -> Line:
    now, before = (
        insights.active_in_month(report.current),
        insights.active_in_month(report.previous) if report.previous else None,
    )
    week, licensed = insights.active_in_week(report.current), insights.licensed_people(report)
    earlier = report.previous.users["licensed"].latest if report.previous else None
    return Line(
        report=report,
        licensed=licensed,
        month=_licensed(now),
        week=_licensed(week),
        agent=insights.latest_count(report.current, _AGENT),
        before=(before.licensed, earlier) if before else None,
        change=insights.month_change(report),
        usual=report.current.period == usual,
    )


def _licensed(people: ActivePeople | None) -> int | None:
    return people.licensed if people else None


def _with_chance(line: Line, whole: float | None) -> Line:
    if whole is None or not line.scope.team or line.told is None or line.licensed is None or line.month is None:
        return line
    band = expected_range.band(line.licensed, whole)
    if band is None or line.month in band:
        return line
    return replace(line, chance=BELOW if line.month < band.low else ABOVE)
