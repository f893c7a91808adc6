import datetime as dt

import pytest

from copilot_metrics import command_line, inputs
from copilot_metrics.errors import InputError
from copilot_metrics.inputs import Inputs
from copilot_metrics.scope import Scope

TODAY = dt.date(2026, 11, 23)
ENOUGH = {"INPUT_TOKEN": "ghp_invented", "INPUT_SCOPE": "orgs/octo-org"}
ON_GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY_OWNER": "Octo-Org"}


def given(environ: dict[str, str] | None = None, *argv: str) -> Inputs:
    return inputs.read(argv, ENOUGH if environ is None else environ, TODAY)[1]


def problems(environ: dict[str, str], *argv: str) -> str:
    with pytest.raises(InputError) as caught:
        inputs.read(argv, environ, TODAY)
    return "\n".join(caught.value.problems)


def test_defaults_come_from_action_yml() -> None:
    made = given()
    assert (made.days, made.api, made.charts, made.job_summary, made.max_wait) == (28, "auto", "auto", True, 5)
    assert made.output_directory == "copilot-metrics"
    assert made.api_url == "https://api.github.com"


def test_the_default_scope_is_the_owner_of_the_repository() -> None:
    made = given({"INPUT_TOKEN": "ghp_invented", "INPUT_SCOPE": "", **ON_GITHUB})
    assert made.scope.wanted == (Scope("orgs", "octo-org"),)


def test_without_an_owner_the_scope_is_asked_for() -> None:
    assert "scope: it is not set; expected orgs/ORG" in problems({"INPUT_TOKEN": "ghp_invented"})


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {**ENOUGH, "INPUT_DAYS": "7", "INPUT_CHARTS": "false"}
    made = given(environ, "--days", "14")
    assert (made.days, made.charts, made.max_wait) == (14, "false", 5)


def test_an_empty_value_means_not_set() -> None:
    assert given({**ENOUGH, "INPUT_DAYS": " "}).days == 28


def test_a_flag_for_a_boolean_needs_no_value() -> None:
    assert given({**ENOUGH, "INPUT_JOB-SUMMARY": "false"}, "--job-summary").job_summary is True


def test_scopes_may_be_given_by_several_flags() -> None:
    made = given(ENOUGH, "--scope", "orgs/a", "--scope=orgs/b,orgs/c")
    assert [str(scope) for scope in made.scope.wanted] == ["orgs/a", "orgs/b", "orgs/c"]


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_off_github_the_token_may_come_from_the_environment(name: str) -> None:
    environ = {"INPUT_SCOPE": "orgs/octo-org", name: "ghp_invented"}
    assert given(environ).token.reveal() == "ghp_invented"
    assert "token: it is not set" in problems({**environ, **ON_GITHUB})


def test_every_bad_input_is_told_in_one_run_with_its_value_and_what_is_accepted() -> None:
    told = problems(
        {
            "INPUT_TOKEN": "ghp_ä",
            "INPUT_SCOPE": "octo",
            "INPUT_DAYS": "many",
            "INPUT_CHARTS": "some",
            "INPUT_MAX-WAIT": "x",
            "INPUT_SINCE": "monday",
            "INPUT_API-URL": "http://example.com",
        }
    )
    assert 'days: "many" is not accepted; expected a whole number from 1 to 3,653.' in told
    assert 'charts: "some" is not accepted; expected auto, true or false.' in told
    assert all(f"{name}: " in told for name in ("token", "scope", "max-wait", "since", "api-url"))


def test_a_bad_token_is_not_quoted() -> None:
    assert "hidden" not in problems({**ENOUGH, "INPUT_TOKEN": "hidden ghp"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"INPUT_UNTIL": "2026-11-24"}, "is in the future"),
        ({"INPUT_SINCE": "2026-11-20", "INPUT_UNTIL": "2026-11-19"}, "is before since"),
        ({"INPUT_SINCE": "2026-11-23"}, "after the last day that can have data"),
        ({"INPUT_APP-ID": "1"}, "only one of them is set"),
        ({"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": ""}, "commit-repository: it is not set"),
        ({"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": "a/b"}, "commit-token: it is not set"),
        ({"INPUT_PULL-REQUEST": "true"}, "pull-request: true needs commit: true"),
        ({"INPUT_SCOPE": "orgs/a/team/x:y, orgs/a/team/x-y"}, "would share the folder orgs/a/team/x-y"),
    ],
)
def test_contradictions_are_told(changes: dict[str, str], told: str) -> None:
    assert told in problems({**ENOUGH, **changes})


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--scopes", "orgs/octo-org"), "--scopes is not a flag; is it --scope?"),
        (("--day=7", "--charts", "false"), "--day is not a flag; is it --days?"),
        (("--verbose",), "--verbose is not a flag; --help lists them."),
    ],
)
def test_an_unknown_flag_is_told_beside_other_problems(argv: tuple[str, ...], told: str) -> None:
    lines = problems({**ENOUGH, "INPUT_SINCE": "monday"}, *argv)
    assert told in lines
    assert "since: " in lines


def test_an_unknown_command_is_told() -> None:
    assert "invalid choice: 'reprot'" in problems(ENOUGH, "reprot")


def test_a_demo_needs_neither_token_nor_scope() -> None:
    assert inputs.read(["demo"], {}, TODAY)[0] == "demo"


@pytest.mark.parametrize(
    ("changes", "since", "until"),
    [
        ({}, "2026-10-26", "2026-11-22"),
        ({"INPUT_DAYS": "1"}, "2026-11-22", "2026-11-22"),
        ({"INPUT_UNTIL": "2024-06-28"}, "2024-06-01", "2024-06-28"),
        ({"INPUT_SINCE": "2024-06-24T23:00:00-02:00", "INPUT_UNTIL": "2024-06-28"}, "2024-06-25", "2024-06-28"),
        ({"INPUT_SINCE": "2026-11-01", "INPUT_DAYS": "7"}, "2026-11-01", "2026-11-22"),
    ],
)
def test_the_period_ends_at_until_and_since_overrides_days(changes: dict[str, str], since: str, until: str) -> None:
    period = given({**ENOUGH, **changes}).period(dt.date(2026, 11, 22))
    assert (str(period.since), str(period.until)) == (since, until)


def test_inputs_show_no_secret() -> None:
    made = given({**ENOUGH, "INPUT_TOKEN": "ghp_hidden", "INPUT_COMMIT-TOKEN": "ghs_hidden"})
    assert "hidden" not in repr(made)


def test_help_shows_every_input_with_its_default() -> None:
    text = " ".join(command_line.parser(inputs.declared()).format_help().split())
    for name, declared in inputs.declared().items():
        assert f"--{name}" in text
        assert not declared.default or f"(default: {declared.default})" in text


def test_every_input_has_a_field() -> None:
    assert [name.replace("_", "-") for name in Inputs._fields] == list(inputs.declared())
