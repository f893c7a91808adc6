"""Compare several reports: a line for each, a headline, and the scopes outside the expected range.

People are never added: a person in two teams counts in both. Teams are in alphabetical order, not ranked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from copilot_metrics.metrics import compare, counting_changes, expected_range, key_metrics
from copilot_metrics.metrics.model import METRICS
from copilot_metrics.metrics.weekday_overview import ScopeChanges, WeekdayOverview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from copilot_metrics.metrics.compare import Change
    from copilot_metrics.metrics.counting_changes import CountingChange
    from copilot_metrics.metrics.key_metrics import ActivePeople
    from copilot_metrics.metrics.model import Period, Report
    from copilot_metrics.scope import Scope

MANY = 40  # scopes; with more, reports show their distribution and the unusual scopes first
HIGH = 0.8  # share of the licensed people, for the headline
FEW_TEAMS = 5  # fewer teams need no chart
TENTHS = 10
BELOW, ABOVE = "below", "above"
_AGENT = "monthly_active_agent_users"
_MAX_OWNERS = 3
_MAX_DETAILED = 20


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """The line of a scope on the usage metrics API, with counts of people as of the last day with data.

    Attributes:
        report: The report.
        licensed: People with a license.
        month: Licensed people who were active in 28 days.
        week: Licensed people who were active in 7 days.
        agent: People who used agents in 28 days.
        before: `month` and `licensed` of the previous period.
        change: The change of `month`.
        has_usual_period: Whether its period is that of most lines.
        range_side: `BELOW` or `ABOVE` if the share is outside the expected range, otherwise empty.
    """

    report: Report
    licensed: int | None
    month: int | None
    week: int | None
    agent: int | None
    before: tuple[int, int | None] | None
    change: Change
    has_usual_period: bool = True
    range_side: str = ""

    @property
    def scope(self) -> Scope:
        """The scope."""
        return self.report.scope

    @property
    def share(self) -> float | None:
        """People active in 28 days ÷ licensed people, from 0 to 1."""
        return key_metrics.share(self.month, self.licensed)

    @property
    def metrics(self) -> dict[str, str]:
        """The names of `month`, `week`, and `agent` in counting changes, without those that are not reported."""
        month, week = key_metrics.active_in_month(self.report.current), key_metrics.active_in_week(self.report.current)
        names = {
            "month": month and month.name,
            "week": week and week.name,
            "agent": None if self.agent is None else _AGENT,
        }
        return {value: f"users.{name}" for value, name in names.items() if name}

    @property
    def counting_changes(self) -> set[CountingChange]:
        """The counting changes that mark one of its values, or prevent the comparison."""
        changes = {
            change for name in self.metrics.values() for change in counting_changes.changes_of_value(self.report, name)
        }
        return changes | ({self.change.boundary.change} if self.change.boundary else set())

    @property
    def comparable_share(self) -> float | None:
        """The share if it can be compared with others: its period is the usual one, and this run downloaded it."""
        return self.share if self.has_usual_period and not self.report.is_stale else None

    @property
    def people_change(self) -> int:
        """The change in people; 0 if it is not compared, or if it is one or two."""
        is_compared = self.change.is_clear and self.has_usual_period and not self.report.is_stale
        return round(self.change.by) if is_compared else 0


@dataclass(frozen=True, slots=True)
class Headline:
    """The number of scopes of a kind that have a high share, and of those that changed."""

    kind: str
    high: int
    changes: ScopeChanges


@dataclass(frozen=True, slots=True)
class Note:
    """The text about a counting change, and the scopes that it concerns if its text is not the same for all."""

    text: str
    scopes: Sequence[Scope]


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one table.

    Attributes:
        owner: The organization or enterprise of all lines; empty if there are several.
        kinds: The kinds of scopes in the lines: `enterprises`, `organizations`, `teams`.
        lines: The lines.
    """

    owner: str
    kinds: Sequence[str]
    lines: Sequence[ScopeLine]


@dataclass(frozen=True, slots=True)
class TeamGroup:
    """The teams of an organization or enterprise that have a share, and the line of that owner."""

    owner_path: str
    owner: str
    teams: Sequence[ScopeLine]
    owner_line: ScopeLine | None

    @property
    def outside_range(self) -> list[ScopeLine]:
        """The teams outside the expected range."""
        return [line for line in self.teams if line.range_side]


def detailed(scopes: Sequence[Scope]) -> list[Scope]:
    """Return the scopes that a summary describes in detail: all scopes, or, if there are many, the first owners."""
    if len(scopes) <= MANY:
        return sorted(scopes)
    return sorted(scope for scope in scopes if not scope.team)[:_MAX_DETAILED]


def largest_decreases(lines: Sequence[ScopeLine], max_lines: int) -> list[ScopeLine]:
    """Return the lines with the largest decreases in people, at most `max_lines`, in the order of `lines`."""
    scopes = {line.scope for line in sorted(lines, key=lambda line: line.people_change)[:max_lines]}
    return [line for line in lines if line.scope in scopes]


def blocks(part: float) -> int:
    """Return a share in tenths, from 0 to 10; a half is rounded up."""
    return int(part * TENTHS + 0.5)


@dataclass(frozen=True)
class Overview:
    """Several reports, in any order, and their comparison."""

    reports: Sequence[Report]

    @cached_property
    def ordered(self) -> list[Report]:
        """The reports by name: enterprises first, then organizations, each followed by its teams."""
        return sorted(self.reports, key=lambda report: report.scope)

    @cached_property
    def present(self) -> list[Report]:
        """The reports without teams that GitHub does not report."""
        return [report for report in self.ordered if not report.is_absent]

    @cached_property
    def absent(self) -> list[Scope]:
        """The teams that GitHub does not report."""
        return [report.scope for report in self.ordered if report.is_absent]

    @cached_property
    def older(self) -> list[Report]:
        """The reports on the older API, which does not report licenses."""
        return [report for report in self.present if report.api == METRICS]

    @cached_property
    def weekdays(self) -> WeekdayOverview:
        """The overview of the reports on the older API."""
        return WeekdayOverview(self.older)

    @cached_property
    def periods(self) -> list[tuple[Period, int]]:
        """The periods of the reports and the number of reports for each, the most common period first."""
        counts = Counter(report.current.period for report in self.present or self.ordered)
        return sorted(counts.items(), key=lambda item: (-item[1], -item[0].until.toordinal(), item[0].since))

    @cached_property
    def lines(self) -> list[ScopeLine]:
        """A line for each report on the usage metrics API."""
        newer = [report for report in self.present if report.api != METRICS]
        counts = Counter(report.current.period for report in newer if not report.is_stale)
        usual = max(counts, key=lambda period: (counts[period], period.until, period.since), default=None)
        lines = [_line(report, usual) for report in newer]
        owner_shares = {line.scope.owner_path: line.comparable_share for line in lines if not line.scope.team}
        return [_with_range_side(line, owner_shares.get(line.scope.owner_path)) for line in lines]

    @cached_property
    def previous_period(self) -> Period | None:
        """The period with which the lines of the usual period are compared, if there is one."""
        previous = (line.report.previous for line in self.lines if line.has_usual_period)
        return next((metrics.period for metrics in previous if metrics), None)

    @cached_property
    def notes(self) -> list[Note]:
        """The notes about counting changes, by date; they name the scopes if an undercount ends at different dates."""
        scopes: dict[counting_changes.CountingChange, list[Scope]] = {}
        for line in self.lines:
            for change in line.counting_changes:
                scopes.setdefault(change, []).append(line.scope)
        ends = Counter(change.label for change in scopes)
        ordered = sorted(scopes, key=lambda change: (change.since, change.label, change.until or dt.date.max))
        return [Note(change.text, scopes[change] if ends[change.label] > 1 else []) for change in ordered]

    @cached_property
    def owners(self) -> list[ScopeLine]:
        """The lines of enterprises and organizations."""
        return [line for line in self.lines if not line.scope.team]

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """The number of enterprises, organizations, and teams, without numbers that are zero."""
        counts = Counter(_kind(report.scope) for report in self.present or self.ordered)
        return [(kind, counts[kind]) for kind in _KINDS if counts[kind]]

    @cached_property
    def owner(self) -> str:
        """The organization or enterprise of all scopes; empty if there are several."""
        owners = {report.scope.owner_path: report.scope.owner for report in self.ordered}
        return next(iter(owners.values())) if len(owners) == 1 else ""

    @cached_property
    def with_teams(self) -> set[str]:
        """The organizations and enterprises with teams, as paths."""
        return {report.scope.owner_path for report in self.present if report.scope.team}

    @cached_property
    def everyone(self) -> list[ScopeLine]:
        """The lines in which each person counts once: the enterprises, or the organizations with teams, if few."""
        enterprises = [line for line in self.owners if line.scope.kind == "enterprises"]
        lines = enterprises or [line for line in self.owners if line.scope.owner_path in self.with_teams]
        return [line for line in lines if line.month is not None] if len(lines) <= _MAX_OWNERS else []

    @cached_property
    def lead(self) -> Report | None:
        """The one report in which each person counts once, if the scopes have several owners."""
        return self.everyone[0].report if len(self.everyone) == 1 and not self.owner else None

    @cached_property
    def headline(self) -> Headline | None:
        """The headline about the most detailed kind of scope with two shares or more."""
        for kind in reversed(_KINDS):
            lines = [line for line in self.lines if _kind(line.scope) == kind and line.comparable_share is not None]
            if len(lines) > 1:
                high = sum((line.comparable_share or 0) >= HIGH for line in lines)
                compared = sum(line.change.is_compared for line in lines)
                up, down = sum(line.people_change > 0 for line in lines), sum(line.people_change < 0 for line in lines)
                return Headline(kind, high, ScopeChanges(len(lines), compared, up, down))
        return None

    @cached_property
    def tenths(self) -> dict[int, int]:
        """The number of scopes of the headline's kind by their share in tenths, from the lowest to the highest.

        A share of 20% is in the third tenth, and one of 100% in the last.
        """
        counts = Counter(
            min(int(line.comparable_share * TENTHS), TENTHS - 1)
            for line in self.lines
            if self.headline and _kind(line.scope) == self.headline.kind and line.comparable_share is not None
        )
        return {tenth: counts[tenth] for tenth in range(min(counts, default=0), max(counts, default=-1) + 1)}

    @cached_property
    def declining_teams(self) -> list[ScopeLine]:
        """The teams that have at least three fewer active people, or a share below the expected range."""
        return self._teams(lambda line: line.people_change < 0 or line.range_side == BELOW)

    @cached_property
    def outside_range(self) -> list[ScopeLine]:
        """The teams outside the expected range, those below it first."""
        return sorted(self._teams(lambda line: bool(line.range_side)), key=lambda line: line.range_side != BELOW)

    def _teams(self, rule: Callable[[ScopeLine], bool]) -> list[ScopeLine]:
        return [line for line in self.lines if line.scope.team and rule(line)]

    @cached_property
    def unreported(self) -> dict[str, list[dt.date]]:
        """The days that are missing in all reports whose period contains them, by API."""
        days: dict[str, tuple[set[dt.date], set[dt.date]]] = {}
        for report in self._visible:
            missing, with_data = days.setdefault(report.api, (set(), set()))
            missing.update(report.current.missing)
            with_data.update(_days(report.current.period).difference(report.current.missing))
        return {api: sorted(missing - with_data) for api, (missing, with_data) in days.items() if missing - with_data}

    @cached_property
    def gaps(self) -> list[Report]:
        """The reports without some days that other reports on the same API have."""
        return [
            report
            for report in self._visible
            if not set(report.current.missing).issubset(self.unreported.get(report.api, ()))
        ]

    @property
    def _visible(self) -> list[Report]:
        return [report for report in self.present if not report.is_hidden]

    @cached_property
    def is_long(self) -> bool:
        """Whether there are too many lines for one table."""
        return len(self.present) > MANY

    @cached_property
    def sections(self) -> list[Section]:
        """One table with all lines; if there are many, one with the owners and one with the teams of each owner."""
        if not self.is_long:
            return [Section(self.owner, _kinds(self.lines), self.lines)] if self.lines else []
        teams: dict[Scope, list[ScopeLine]] = {}
        for line in self.lines:
            if line.scope.team:
                teams.setdefault(_owner(line.scope), []).append(line)
        owners = [Section(self.owner, _kinds(self.owners), self.owners)] if self.owners else []
        return [*owners, *(Section(scope.owner, ["teams"], lines) for scope, lines in teams.items())]

    def pages(self, max_rows: int) -> list[tuple[list[Section], list[Report]]]:
        """Return the tables of each page, with at most `max_rows` rows: the lines, then reports on the older API."""
        pages: list[tuple[list[Section], list[Report]]] = []
        room = 0
        for section in self.sections:
            rest = section.lines
            while rest:
                if not room:
                    pages, room = [*pages, ([], [])], max_rows
                pages[-1][0].append(replace(section, lines=rest[:room]))
                rest, room = rest[room:], room - len(rest[:room])
        return [*pages, *(([], self.older[start : start + max_rows]) for start in range(0, len(self.older), max_rows))]

    @cached_property
    def team_groups(self) -> list[TeamGroup]:
        """The organizations and enterprises with enough teams for a chart."""
        teams: dict[str, list[ScopeLine]] = {}
        for line in self.lines:
            if line.scope.team and line.comparable_share is not None:
                teams.setdefault(line.scope.owner_path, []).append(line)
        owners = {line.scope.owner_path: line for line in self.owners if line.comparable_share is not None}
        return [
            TeamGroup(owner_path, lines[0].scope.owner, lines, owners.get(owner_path))
            for owner_path, lines in teams.items()
            if len(lines) >= FEW_TEAMS
        ]


def _days(period: Period) -> set[dt.date]:
    return {period.since + dt.timedelta(days=offset) for offset in range(period.length)}


_KINDS = ("enterprises", "organizations", "teams")


def _kind(scope: Scope) -> str:
    return "teams" if scope.team else "organizations" if scope.kind == "orgs" else "enterprises"


def _kinds(lines: Iterable[ScopeLine]) -> list[str]:
    kinds = {_kind(line.scope) for line in lines}
    return [kind for kind in _KINDS if kind in kinds]


def _owner(scope: Scope) -> Scope:
    return type(scope)(scope.kind, scope.owner)


def _line(report: Report, usual: Period | None) -> ScopeLine:
    month = key_metrics.active_in_month(report.current)
    previous_month = key_metrics.active_in_month(report.previous) if report.previous else None
    week, licensed = key_metrics.active_in_week(report.current), key_metrics.licensed_people(report)
    previously_licensed = report.previous.users["licensed"].latest if report.previous else None
    return ScopeLine(
        report=report,
        licensed=licensed,
        month=_licensed(month),
        week=_licensed(week),
        agent=key_metrics.latest_count(report.current, _AGENT),
        before=(previous_month.licensed, previously_licensed) if previous_month else None,
        change=compare.month_change(report),
        has_usual_period=report.current.period == usual,
    )


def _licensed(people: ActivePeople | None) -> int | None:
    return people.licensed if people else None


def _with_range_side(line: ScopeLine, owner_share: float | None) -> ScopeLine:
    """Return a line; that of a team with the side of the expected range on which its share is."""
    if (
        owner_share is None
        or not line.scope.team
        or line.comparable_share is None
        or line.licensed is None
        or line.month is None
    ):
        return line
    band = expected_range.band(line.licensed, owner_share)
    if band is None or line.month in band:
        return line
    return replace(line, range_side=BELOW if line.month < band.low else ABOVE)
