"""How each value of a report is defined: the folded texts at the end of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_metrics.metrics.compare import ENOUGH_PER_WEEKDAY, FEW_PEOPLE
from copilot_metrics.metrics.key_metrics import ENOUGH_VOLUME
from copilot_metrics.metrics.overview import HIGH
from copilot_metrics.render.formatting import Markdown, percent

if TYPE_CHECKING:
    from copilot_metrics.metrics.model import Report
    from copilot_metrics.metrics.overview import Overview

_CHANGE = (
    "- **Change**: from the previous period. A change of one or two people is no change. People are compared even if "
    "days are missing; sums per typical weekday if a metric does not have the same number of days and "
    "weekdays with data in both periods: the median, Monday to Friday, or the mean if the median is below "
    f"{ENOUGH_PER_WEEKDAY}. **Too few to compare**: the denominator of a rate is below {ENOUGH_VOLUME} in one period, "
    f"or a sum is below {ENOUGH_VOLUME} in both."
)
_LICENSES = (
    "- **Licenses**: people with a license as of this run, not of the period; a person with several licenses counts "
    "once. **Active**: GitHub's list of licenses shows activity within 28 days up to the last day of the period. "
    "**Idle**: active before that. **Without activity**: never active, or not for 90 days. GitHub's reports and its "
    "list of licenses record activity separately, so the two may differ."
)
_NOT_REPORTED = (
    "- **–** means not reported, which is not zero. A day without a report is missing, not a day without use."
)
_METRICS_API = (
    (
        "- **Typical weekday**: the median of the days with data from Monday to Friday; a half is rounded up here, "
        "but not in JSON. **Mean**: over the days that report the value. **Days**: the number of these days."
    ),
    (
        "- **Active**: people with any Copilot activity on a day, also passive, such as being shown a suggestion. "
        "**Engaged**: those who used it: they accepted a suggestion, used a chat, or created a summary. People "
        "are never added up: one person counts on many days and in several rows."
    ),
    (
        "- **Rate**: Σ accepted ÷ Σ suggested over the days that report both, never a mean of daily rates; none below "
        f"{ENOUGH_VOLUME} suggestions or lines."
    ),
    "- **Most people a day**: the largest daily number of engaged people that was reported for the row itself.",
)
_METRICS_API_RULES = (
    (
        f"- **Worth a look** has fixed rules: {FEW_PEOPLE} or more people fewer than before; a quarter or more of the "
        "active people not engaged; one of the three largest languages (without “others” and “unknown”) 5 points or "
        "more below all."
    ),
    "- Lines of code show how much Copilot typed, not how much was achieved.",
)
_TEAM = (
    "- **A team** is derived: users are joined with the members of each day. A member without activity counts as "
    "zero, a missing report as a missing day. **Licensed**: members with a license on the last day. A person in "
    "two teams counts in both."
)
_LICENSED = "- **Licensed**: the licenses of the organization as of this run, if the token may read them."
_PEOPLE = (
    (
        "- **People** of code completions, agent edits, CLI, and app used it on two or more of 28 days (GitHub's "
        "feature engagement); of chat, agent mode, code review, and cloud agent on one or more. One person counts in "
        "several rows."
    ),
    (
        "- **Code completions**: the feature code_completion only. **Chat**: prompts in inline chat and in all modes "
        "of the chat panel. **Per active user and day**: Σ requests ÷ Σ daily active users, over the days that report "
        "both."
    ),
    (
        "- **Lines of code changed with AI**: lines added and deleted in editors. By people: completions and chats "
        "that they took over. By agents: the feature agent_edit (agent edits) only. Per model: of lines whose model "
        "is known; completions have none. Lines show how much was typed, not how much was achieved."
    ),
)
_PHASES = (
    "- **AI adoption phases**: GitHub puts each person into the phase of what they used on two or more of 28 "
    "days. **Pull requests merged per person and 28 days**: Σ pull requests merged ÷ Σ people of the phase × 28, "
    "over the days that report both. **Too few**: the people of a phase, summed over these days, are less than "
    f"{ENOUGH_VOLUME}."
)
_RATES = (
    "- **Rate, share**: Σ ÷ Σ over the days that report both, never a mean of daily rates; none below "
    f"{ENOUGH_VOLUME}. **Pull requests reviewed**: each once a day."
)
_NOT_COMPARED = (
    "**Not compared**: GitHub changed how it counts between the two values. A value with † mixes two ways of "
    "counting or is undercounted; the note explains why."
)
_USAGE_RULES = (
    f"- **Worth a look** has fixed rules: a tenth of the licenses ({FEW_PEOPLE} or more) not used in 28 days; "
    f"{FEW_PEOPLE} or more people fewer than before; a quarter or more of the active people not engaged; one of "
    f"the three largest languages 5 points or more below all; less than a tenth of {ENOUGH_VOLUME} or more review "
    "suggestions applied."
)
_USAGE_LINES = (
    (
        "- **Licensed**: the members of a team with a license on the last day; of an organization or enterprise, its "
        "licenses as of the run."
    ),
    (
        "- **Active**: the licensed people who used Copilot on one day or more of the last 28, or 7, days of the "
        "period; **agent mode**: the people who used it in 28 days. Shares are of the licensed people, and a block is "
        "a tenth of them."
    ),
    (
        "- **Change**: how the number of people active in 28 days differs from the previous period, with the active "
        "and the licensed people of that period. A change of one or two people is no change."
    ),
    (
        "- **▽ △**: below, above the expected range. If each licensed member of a team were active with the "
        "probability of the organization or enterprise, so few, or so many, would be active in less than one of 741 "
        "cases: the exact binomial distribution, with tails as small as beyond three standard deviations of a normal "
        "distribution. About one of 370 teams is outside by chance. There is no mark if the organization or enterprise "
        "is not reported for the same period."
    ),
    (
        f"- **The headline** counts those with {percent(HIGH)} or more of the licensed people active, and those with a "
        "change. **Where help may be welcome** names teams with fewer people or with ▽."
    ),
    "- **Hidden**: fewer people were active than `min-team-size`.",
)
_OLDER_LINES = (
    "- **Typical weekday**: the median of the reported days from Monday to Friday. **Change**: from the previous "
    "period, with its value. A change of one or two people is no change. **–**: not reported."
)
_ORDER = "- Names are in alphabetical order. This is not a ranking, and not for judging people."


def metrics_api_definitions(report: Report, of_api: str = "") -> Markdown:
    """Return how the values of a report on the Copilot metrics API are defined."""
    lines = [*_METRICS_API, _NOT_REPORTED, _CHANGE, *_METRICS_API_RULES, *_licenses(report)]
    return _folded(f"How each value{of_api} is calculated", lines)


def usage_definitions(report: Report, of_api: str = "") -> Markdown:
    """Return how the values of a report on the Copilot usage metrics API are defined."""
    is_team = bool(report.scope.team)
    of_team = " (of a team: counted from its users, each on the days on which they were members)"
    active = (
        "- **Active in 7, in 28 days**: distinct people, as GitHub counts them for the last day of the period"
        f"{of_team if is_team else ''}"
        ". They are never added up from days. **Typical weekday**: the median of the days with data "
        "from Monday to Friday; a half is rounded up."
    )
    phases = [_PHASES] if report.breakdowns["ai_adoption_phases"] else []
    changes = f"{_CHANGE} {_NOT_COMPARED}"
    lines = [active, _TEAM if is_team else _LICENSED, *_PEOPLE, *phases, _RATES, _NOT_REPORTED, changes, _USAGE_RULES]
    return _folded(f"How each value{of_api} is calculated", [*lines, *_licenses(report)])


def overview_definitions(overview: Overview) -> Markdown:
    """Return how to read the tables of an overview."""
    lines = [*(_USAGE_LINES if overview.lines else ()), *([_OLDER_LINES] if overview.older else ()), _ORDER]
    return _folded("How to read this", lines)


def _licenses(report: Report) -> list[str]:
    return [_LICENSES] if report.licenses and report.licenses.active is not None else []


def _folded(summary: str, lines: list[str]) -> Markdown:
    text = "\n".join(lines)
    return Markdown(f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>")
