from __future__ import annotations

import datetime as dt
import io

from copilot_metrics.action.failures import Failures
from copilot_metrics.action.workflow_commands import Runner
from copilot_metrics.errors import (
    CommitError,
    InputError,
    MissingShard,
    NoData,
    NotFound,
    OutputError,
    PullRequestError,
    Unauthorized,
    Unavailable,
)
from copilot_metrics.metrics.model import Period
from copilot_metrics.scope import Scope
from copilot_metrics.store.report_store import LastReport

MEBIBYTE = 1024 * 1024


def org(name: str) -> Scope:
    return Scope("orgs", name)


def lines(failures: Failures) -> list[str]:
    log = io.StringIO()
    failures.log(Runner({"GITHUB_ACTIONS": "true"}, log))
    return log.getvalue().splitlines()


def test_without_failures_nothing_is_written() -> None:
    assert Failures().section(MEBIBYTE) == ""
    assert lines(Failures()) == []


def test_one_cause_names_all_its_scopes() -> None:
    failures = Failures()
    failures.add(*(Unauthorized("Bad.", "Renew it.").for_scope(org(name)) for name in ("a", "b", "c")))
    assert lines(failures) == ["::error title=Token not valid::orgs/a, orgs/b and orgs/c: Bad. Renew it."]
    assert "## Token not valid: `orgs/a`, `orgs/b`, `orgs/c`\n" in failures.section(MEBIBYTE)


def test_requests_of_two_owners_that_fail_alike_are_one_cause() -> None:
    failures = Failures()
    failures.add(
        *(Unavailable(f"GET /orgs/{name}/x: it answered 503.", "Wait.").for_scope(org(name)) for name in ("a", "b"))
    )
    assert lines(failures) == [
        "::error title=GitHub is not answering::orgs/a and orgs/b: GET /orgs/a/x: it answered 503. Wait."
    ]


def test_more_than_ten_causes_are_ten_lines() -> None:
    failures = Failures()
    failures.add(*(NotFound(f"No {number}.").for_scope(org(f"o{number}")) for number in range(12)))
    annotations = lines(failures)
    assert len(annotations) == 10
    assert annotations[9] == "::error title=3 more scopes failed::orgs/o9: No 9. orgs/o10: No 10. orgs/o11: No 11."


def test_failed_scopes_are_warnings_if_others_are_reported() -> None:
    failures = Failures(reported_scopes=1, warns_of_failed_scopes=True)
    failures.add(*(NotFound(f"No {number}.").for_scope(org(f"o{number}")) for number in range(12)))
    annotations = lines(failures)
    assert [line.partition(" ")[0] for line in annotations] == ["::warning"] * 10
    assert annotations[9].startswith("::warning title=3 more scopes failed::")


def test_a_cause_has_three_paragraphs_and_foreign_text_is_escaped() -> None:
    failures = Failures()
    failures.add(
        NotFound("It answered “<b>”.", "Click `x_y`.", why="Because.", link="https://github.com/a_b").for_scope(
            org("a")
        )
    )
    assert failures.section(MEBIBYTE) == (
        "# Copilot metrics: no new report\n\n## Not found: `orgs/a`\n\n**What happened:** It answered “\\<b>”.\n\n"
        "**Why:** Because.\n\n**What to do:** Click `x_y`. <https://github.com/a_b>\n\n"
    )


def test_each_invalid_input_is_an_item() -> None:
    failures = Failures()
    failures.add(InputError(["`a` is empty.", "`b` is empty."]))
    assert "**What happened:**\n\n- `a` is empty.\n\n- `b` is empty.\n" in failures.section(MEBIBYTE)


def test_the_last_good_report_of_each_scope_is_named() -> None:
    period = Period(dt.date(2026, 10, 24), dt.date(2026, 11, 20))
    failures = Failures(
        last_reports={"orgs/a": LastReport("orgs/a", period, "orgs/a/README.md", "https://github.com/x")}
    )
    failures.add(Unauthorized("Bad.").for_scope(org("a")))
    assert "**Last good report:** October 24 – November 20, 2026, [orgs/a/README.md](https://github.com/x)" in (
        failures.section(MEBIBYTE)
    )


def test_the_report_is_complete_if_only_the_commit_failed() -> None:
    failures = Failures(reported_scopes=1, directory="out", report_follows=True)
    failures.add(CommitError("No."))
    page = failures.section(MEBIBYTE)
    assert page.startswith("# Copilot metrics: the report could not be published\n")
    assert "The report is complete, and follows below. The files are in `out` of the workspace." in page


def test_the_heading_names_the_failure() -> None:
    values = {}
    for error in (MissingShard("M."), NoData("N."), PullRequestError("P."), OutputError("O.")):
        failures = Failures(reported_scopes=1, report_follows=True)
        failures.add(error)
        heading, _, rest = failures.section(MEBIBYTE).removeprefix("# Copilot metrics: ").partition("\n")
        values[heading] = rest.strip().splitlines()[-1]
    assert values == {
        "results are missing": "The report below contains only the results of the other jobs.",
        "no data": "**What happened:** N.",
        "the pull request could not be opened": "The report is complete, and follows below.",
        "the run failed": "**What happened:** O.",
    }
    failures = Failures()
    failures.add(NoData("N."))
    assert failures.section(MEBIBYTE).startswith("# Copilot metrics: no data\n")


def test_a_failed_commit_names_only_reports_on_the_branch() -> None:
    period = Period(dt.date(2026, 10, 24), dt.date(2026, 11, 20))
    here = LastReport("orgs/a", period, "out/orgs/a/README.md")
    there = LastReport("orgs/b", period, "orgs/b/README.md", "https://github.com/x")
    failures = Failures(reported_scopes=2, last_reports={"orgs/a": here, "orgs/b": there})
    failures.add(CommitError("No."))
    page = failures.section(MEBIBYTE)
    assert "**Last committed report:** October 24 – November 20, 2026, [orgs/b/README.md](https://github.com/x)" in page
    assert "out/orgs/a/README.md" not in page
    failures.add(PullRequestError("No."))
    assert "README.md" not in failures.section(MEBIBYTE)


def test_a_failure_is_shown_once() -> None:
    failures = Failures()
    failures.add(CommitError("One."))
    assert "One." in failures.section(MEBIBYTE)
    failures.add(CommitError("Two."))
    assert "One." not in failures.section(MEBIBYTE)


def test_the_section_shows_as_many_causes_as_fit() -> None:
    failures = Failures()
    failures.add(*(NotFound(f"{number} {'x' * 500}.").for_scope(org(f"o{number}")) for number in range(200)))
    page = failures.section(10_000)
    assert len(page.encode()) <= 10_000
    assert page.count("What happened") == 10
    assert "190 more failures are named in the log." in page
    again = Failures()
    again.add(CommitError("One."))
    assert again.section(10) == ""
