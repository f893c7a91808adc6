import datetime as dt

import pytest

from copilot_metrics import cli
from copilot_metrics.action.inputs import Inputs, declarations, read_inputs
from copilot_metrics.connections import fetch_options
from copilot_metrics.errors import InputError
from copilot_metrics.scope import Scope
from support.families import pem

TODAY = dt.date(2026, 11, 23)
ENOUGH = {"INPUT_TOKEN": "ghp_invented", "INPUT_SCOPE": "orgs/octo-org"}
ON_GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY_OWNER": "Octo-Org"}


def read(environ: dict[str, str] | None = None, *argv: str) -> Inputs:
    arguments = cli.parse_arguments(argv)
    return read_inputs(ENOUGH if environ is None else environ, TODAY, arguments.flags, arguments.problems)


def problems(environ: dict[str, str], *argv: str) -> str:
    with pytest.raises(InputError) as caught:
        read(environ, *argv)
    return "\n".join(caught.value.problems)


def test_defaults_come_from_action_yml() -> None:
    result = read()
    assert (result.days, result.api, result.charts, result.job_summary, result.max_wait_minutes) == (
        28,
        "auto",
        "auto",
        True,
        5,
    )
    assert result.output_directory == "copilot-metrics"
    assert result.api_url == "https://api.github.com"


def test_the_default_scope_is_the_owner_of_the_repository() -> None:
    result = read({"INPUT_TOKEN": "ghp_invented", "INPUT_SCOPE": "", **ON_GITHUB})
    assert result.scope.included == (Scope("orgs", "octo-org"),)


def test_without_an_owner_the_scope_is_required() -> None:
    assert problems({"INPUT_TOKEN": "ghp_invented"}) == (
        "`organization` is empty. It must be the name of an organization."
    )


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {**ENOUGH, "INPUT_DAYS": "7", "INPUT_CHARTS": "false"}
    result = read(environ, "--days", "14")
    assert (result.days, result.charts, result.max_wait_minutes) == (14, "false", 5)


def test_an_empty_value_means_not_set() -> None:
    assert read({**ENOUGH, "INPUT_DAYS": " "}).days == 28


def test_a_flag_for_a_boolean_needs_no_value() -> None:
    assert read({**ENOUGH, "INPUT_JOB-SUMMARY": "false"}, "--job-summary").job_summary is True


def test_several_flags_can_list_scopes() -> None:
    result = read(ENOUGH, "--scope", "orgs/a", "--scope=orgs/b,orgs/c")
    assert [str(scope) for scope in result.scope.included] == ["orgs/a", "orgs/b", "orgs/c"]


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_off_github_the_token_may_come_from_the_environment(name: str) -> None:
    environ = {"INPUT_SCOPE": "orgs/octo-org", name: "ghp_invented"}
    assert read(environ).token.reveal() == "ghp_invented"
    assert "`token` is empty. Does the secret exist" in problems({**environ, **ON_GITHUB})


def test_all_invalid_inputs_are_reported_at_once() -> None:
    text = problems(
        {
            "INPUT_TOKEN": "ghp_ä",
            "INPUT_SCOPE": "octo",
            "INPUT_DAYS": "many",
            "INPUT_CHARTS": "ture",
            "INPUT_MAX-WAIT-MINUTES": "x",
            "INPUT_SINCE": "2026/11/5",
            "INPUT_API-URL": "http://example.com",
            "INPUT_OUTPUT-DIRECTORY": "../out",
            "INPUT_MERGE-FROM": "/etc",
        }
    )
    assert text.splitlines() == [
        (
            "`token` must be one token of printable ASCII characters without blanks or line breaks. "
            "Store the token again as the secret, without anything around it."
        ),
        (
            '`scope` is "octo", but must be orgs/ORG, orgs/ORG/team/TEAM, enterprises/ENT, or '
            'enterprises/ENT/team/TEAM. Did you mean "orgs/octo"?'
        ),
        '`days` is "many", but must be a whole number from 1 to 3,653.',
        (
            '`since` is "2026/11/5", but must be an ISO 8601 date such as 2026-11-20, or a timestamp such as '
            '2026-11-20T00:00:00Z. Did you mean "2026-11-05"?'
        ),
        '`charts` is "ture", but must be auto, true, or false. Did you mean "true"?',
        (
            '`api-url` is "http://example.com", but must be an address such as https://api.github.com or '
            "https://api.SUBDOMAIN.ghe.com (http only on loopback)."
        ),
        '`max-wait-minutes` is "x", but must be minutes as a number from 0 to 360.',
        (
            '`output-directory` is "../out", which is outside the workspace. It must be a path relative to the '
            "workspace, or an absolute path inside it."
        ),
        (
            '`merge-from` is "/etc", which is outside the workspace. It must be a path relative to the workspace, or '
            "an absolute path inside it."
        ),
    ]


def test_an_invalid_token_is_not_quoted() -> None:
    assert "hidden" not in problems({**ENOUGH, "INPUT_TOKEN": "hidden ghp"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"INPUT_UNTIL": "2026-11-24"}, "which is in the future"),
        ({"INPUT_SINCE": "2026-11-20", "INPUT_UNTIL": "2026-11-19"}, "which is before `since`"),
        ({"INPUT_SINCE": "2026-11-23"}, "there is no data of that day yet"),
        ({"INPUT_APP-ID": "1"}, "`app-id` is set, but `app-private-key` is empty"),
        ({"INPUT_APP-PRIVATE-KEY": pem()}, "`app-private-key` is set, but `app-id` is empty"),
        ({"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": "", "INPUT_COMMIT-TOKEN": "x"}, "`commit-repository` is"),
        ({"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": "a/b"}, "`commit-token` is empty"),
        ({"INPUT_PULL-REQUEST": "true"}, "`pull-request` is true, but `commit` is false"),
        ({"INPUT_SCOPE": "orgs/a/team/x:y, orgs/a/team/x-y"}, "would share the folder orgs/a/team/x-y"),
        ({"INPUT_MERGE-FROM": "nowhere"}, "which is not a directory of the workspace"),
    ],
)
def test_inputs_that_contradict_each_other_are_one_error(changes: dict[str, str], expected: str) -> None:
    (problem,) = problems({**ENOUGH, **changes}).splitlines()
    assert expected in problem


@pytest.mark.parametrize(
    "changes",
    [
        {"INPUT_TOKEN": "", "INPUT_APP-ID": "1", "INPUT_APP-PRIVATE-KEY": "hidden"},
        {"INPUT_TOKEN": "", "INPUT_APP-PRIVATE-KEY": "hidden"},
        {"INPUT_TOKEN": "ghp_a ghp_b"},
        {"INPUT_SINCE": "2026-11-23", "INPUT_UNTIL": "soon"},
        {"INPUT_SINCE": "soon", "INPUT_UNTIL": "2026-01-01"},
        {"INPUT_COMMIT": "maybe", "INPUT_PULL-REQUEST": "true"},
        {"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": "octo-org", "INPUT_COMMIT-TOKEN": "x"},
        {"INPUT_COMMIT": "true", "INPUT_COMMIT-REPOSITORY": "a/b", "INPUT_COMMIT-TOKEN": "two words"},
        {"INPUT_SCOPE": "", "INPUT_SCOPES": "orgs/octo-org"},
        {"INPUT_MERGE-FROM": "../parts", "INPUT_TOKEN": "", "INPUT_SCOPE": ""},
    ],
    ids=str,
)
def test_a_rejected_value_has_no_follow_up_errors(changes: dict[str, str]) -> None:
    assert len(problems({**ENOUGH, **changes}).splitlines()) == 1


def test_a_misspelled_input_of_a_step_is_an_error_and_an_unrelated_variable_is_not() -> None:
    text = problems({**ENOUGH, "INPUT_MIN-TEAM-SZIE": "10"})
    assert text == "`min-team-szie` is not an input. Did you mean `min-team-size`?"
    assert read({**ENOUGH, "INPUT_WEATHER": "fine", "INPUT_DAY": ""}).days == 28


@pytest.mark.parametrize(
    ("variable", "name", "near"),
    [
        ("INPUT_OUTPUT_DIRECTORY", "output_directory", "output-directory"),
        ("INPUT_MIN_TEAM_SIZE", "min_team_size", "min-team-size"),
        ("INPUT_GITHUB-TOKEN", "github-token", "token"),
        ("INPUT_PAT", "pat", "token"),
        ("INPUT_ACCESS_TOKEN", "access_token", "token"),
        ("INPUT_ORGANIZATIONS", "organizations", "organization"),
        ("INPUT_OWNER", "owner", "organization"),
        ("INPUT_SEATS", "seats", "licenses"),
        ("INPUT_DIRECTORY", "directory", "output-directory"),
        ("INPUT_MINIMUM-TEAM-SIZE", "minimum-team-size", "min-team-size"),
    ],
)
def test_names_that_other_actions_use_and_underscores_are_not_ignored(variable: str, name: str, near: str) -> None:
    text = problems({**ENOUGH, variable: "x"})
    assert text == f"`{name}` is not an input. Did you mean `{near}`?"


def test_a_token_or_an_app_under_another_name_has_no_follow_up_error() -> None:
    scope = {"INPUT_SCOPE": "orgs/octo-org"}
    assert problems({**scope, "INPUT_GH-TOKEN": "x"}) == "`gh-token` is not an input. Did you mean `token`?"
    assert problems({**scope, "INPUT_APP_ID": "1", "INPUT_APP_PRIVATE_KEY": "x"}).splitlines() == [
        "`app_id` is not an input. Did you mean `app-id`?",
        "`app_private_key` is not an input. Did you mean `app-private-key`?",
    ]


def test_a_flag_that_other_programs_use_is_an_error() -> None:
    assert problems(ENOUGH, "--org", "octo-org") == "--org is not a flag. Did you mean --organization?"


def test_a_value_that_looks_like_a_token_is_not_quoted() -> None:
    assert problems({**ENOUGH, "INPUT_SCOPE": "ghp_invented0123"}) == (
        "`scope` looks like a token. It must be orgs/ORG, orgs/ORG/team/TEAM, enterprises/ENT, or "
        "enterprises/ENT/team/TEAM."
    )
    assert problems({**ENOUGH, "INPUT_MERGE-FROM": "github_pat_invented0123"}).startswith(
        '`merge-from` is "***", which'
    )


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("--scopes", "orgs/octo-org"), "--scopes is not a flag. Did you mean --scope?"),
        (("--day=7", "--charts", "false"), "--day is not a flag. Did you mean --days?"),
        (("--verbose",), "--verbose is not a flag. --help lists all flags."),
        (("-v",), "-v is not a flag. --help lists all flags."),
        (("reprot",), '"reprot" is not a command. Did you mean report?'),
        (("cleanup", "--commit"), '"cleanup" is not a command. Commands are report, check, demo.'),
        (("check", "demo"), '"demo" must be the first argument.'),
        (("--days",), "--days needs a value: --days VALUE."),
        (("--days", "--commit=false"), "--days needs a value: --days VALUE."),
    ],
)
def test_errors_of_the_command_line_are_reported_with_those_of_inputs(argv: tuple[str, ...], expected: str) -> None:
    lines = problems({**ENOUGH, "INPUT_SINCE": "monday"}, *argv).splitlines()
    assert lines[0] == expected
    assert any(line.startswith("`since` is") for line in lines)


def test_the_flag_of_a_boolean_takes_an_optional_value() -> None:
    assert read(ENOUGH, "--job-summary", "false").job_summary is False
    assert read(ENOUGH, "--commit-token=x", "--commit-repository=octo-org/metrics", "--commit").commit is True


def test_a_misspelled_flag_has_no_follow_up_error() -> None:
    text = problems({"INPUT_TOKEN": "ghp_invented"}, "--scopes", "orgs/octo-org")
    assert text == "--scopes is not a flag. Did you mean --scope?"


def test_a_demo_needs_neither_token_nor_scope() -> None:
    assert cli.parse_arguments(["demo"]) == cli.Arguments("demo")


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
    period = fetch_options(read({**ENOUGH, **changes})).period(dt.date(2026, 11, 22))
    assert (str(period.since), str(period.until)) == (since, until)


def test_inputs_show_no_secret() -> None:
    result = read({**ENOUGH, "INPUT_TOKEN": "ghp_hidden", "INPUT_COMMIT-TOKEN": "ghs_hidden"})
    assert "hidden" not in repr(result)


def test_help_shows_every_input_with_its_default() -> None:
    text = " ".join(cli.build_parser("report").format_help().split())
    for name, declared in declarations().items():
        assert f"--{name}" in text
        assert not declared.default or f"(default: {declared.default})" in text


def selected(**variables: str) -> list[str]:
    inputs = {f"INPUT_{name.upper()}": value for name, value in variables.items()}
    return [str(scope) for scope in read({"INPUT_TOKEN": "ghp_invented", **ON_GITHUB, **inputs}).scope.included]


def not_selected(**variables: str) -> str:
    inputs = {f"INPUT_{name.upper()}": value for name, value in variables.items()}
    return problems({"INPUT_TOKEN": "ghp_invented", **ON_GITHUB, **inputs})


def test_organizations_and_enterprises_are_scopes() -> None:
    assert selected(organization="octo-org, Octo-Labs") == ["orgs/octo-org", "orgs/octo-labs"]
    assert selected(enterprise="octo-enterprise", organization="octo-org") == [
        "enterprises/octo-enterprise",
        "orgs/octo-org",
    ]
    assert selected(organization="https://github.com/octo-labs") == ["orgs/octo-labs"]


def test_teams_follow_their_owner() -> None:
    assert selected(teams="all") == ["orgs/octo-org", "orgs/octo-org/team/*"]
    assert selected(organization="octo-labs", teams="blue\ngreen") == [
        "orgs/octo-labs",
        "orgs/octo-labs/team/blue",
        "orgs/octo-labs/team/green",
    ]
    assert selected(organization="octo-org, octo-labs", teams="octo-labs/blue, octo-org/green") == [
        "orgs/octo-org",
        "orgs/octo-org/team/green",
        "orgs/octo-labs",
        "orgs/octo-labs/team/blue",
    ]


def test_scopes_are_added_to_organizations_and_exclude_from_them() -> None:
    assert selected(organization="octo-org", scope="orgs/octo-labs, orgs/octo-org") == [
        "orgs/octo-org",
        "orgs/octo-labs",
    ]
    assert selected(organization="octo-org", teams="blue, green", scope="!orgs/octo-org/team/blue") == [
        "orgs/octo-org",
        "orgs/octo-org/team/green",
    ]


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            {"organization": "octo-org, octo-labs", "teams": "blue"},
            "`teams` has blue, but there are several owners. It must be OWNER/TEAM, such as octo-org/blue.",
        ),
        (
            {"organization": "octo-org", "teams": "octo-orgs/blue"},
            (
                "`teams` has octo-orgs/blue, but octo-orgs is not in `organization` or `enterprise`. "
                'Did you mean "octo-org/blue"?'
            ),
        ),
        (
            {"organization": "octo-org", "teams": "octo-labs-eu/blue"},
            (
                "`teams` has octo-labs-eu/blue, but octo-labs-eu is not in `organization` or `enterprise`. "
                "Add octo-labs-eu to `organization` or `enterprise`."
            ),
        ),
        (
            {"organization": "octo", "enterprise": "octo", "teams": "octo/blue"},
            "`teams` has octo/blue, but octo is two owners. Name the team in `scope`.",
        ),
        (
            {"scope": "orgs/octo-org", "teams": "all"},
            (
                "`teams` is set, but `organization` and `enterprise` are empty. "
                "In `scope`, a team is orgs/ORG/team/TEAM, and * means all teams."
            ),
        ),
        (
            {"organization": "orgs/octo-org"},
            (
                '`organization` is "orgs/octo-org", but must be names of organizations such as octo-org, '
                'without a path. Did you mean "octo-org"?'
            ),
        ),
        (
            {"organization": "octo-org", "scope": "!orgs/octo-org"},
            (
                "`scope` excludes everything. It must leave at least one scope: orgs/ORG, orgs/ORG/team/TEAM, "
                "enterprises/ENT, or enterprises/ENT/team/TEAM."
            ),
        ),
        (
            {"teams": "all, blue"},
            '`teams` is "all", but must be none, all, or slugs of teams such as platform or octo-org/platform.',
        ),
    ],
    ids=str,
)
def test_contradictions_between_owners_teams_and_scopes(variables: dict[str, str], problem: str) -> None:
    assert not_selected(**variables) == problem


def test_a_check_is_a_command_or_a_mode() -> None:
    assert read().mode == "report"
    assert read(ENOUGH, "check").mode == "check"
    assert read({**ENOUGH, "INPUT_MODE": "check"}).mode == "check"
