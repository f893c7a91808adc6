from __future__ import annotations

from copilot_metrics.render.charts import titles
from support import orgs


def test_people_are_those_of_a_typical_working_day_and_the_change() -> None:
    expected = "People using Copilot: 118 on a typical weekday, 8 more than in the previous period"
    assert titles.users(orgs.build(28)) == expected


def test_the_title_of_a_single_day_has_its_date() -> None:
    assert titles.users(orgs.build(1)) == "People using Copilot: 11 on June 23, 2024"


def test_completions_tell_their_rate_and_its_denominator() -> None:
    assert titles.completions(orgs.build(7)) == "30% of 24,440 suggestions accepted"


def test_few_completions_have_no_rate() -> None:
    assert titles.completions(orgs.build(1, people=10)) == "12 of 40 suggestions accepted"


def test_the_title_of_chats_names_the_places() -> None:
    assert titles.chat(orgs.build(1)) == "Chats: 99 in editors, 99 on GitHub.com"


def test_the_title_names_the_largest_language_with_its_share() -> None:
    expected = "TypeScript: 50% of 24,440 suggestions, the most of 5 languages"
    assert titles.largest(orgs.build(7), "languages") == expected


def test_a_bucket_is_never_the_largest_language_of_the_title() -> None:
    names = ["TypeScript", "unknown", "others", "Go"]
    assert titles.largest(orgs.build(7, names=names), "languages").endswith("suggestions, the most of 4 languages")
    assert titles.largest(orgs.build(7, names=["others", "Go"]), "languages") == "Code completions by language"


def test_what_is_not_reported_falls_back_to_a_plain_name() -> None:
    report = orgs.silent()
    items = [rule(report) for rule in (titles.users, titles.completions, titles.lines, titles.chat)]
    assert items == [
        "People using Copilot",
        "Code completions: suggestions and acceptances",
        "Lines of code suggested and accepted",
        "Chat",
    ]
    assert titles.largest(report, "repositories") == "Pull-request summaries by repository"


def test_a_title_is_one_line_even_if_a_name_is_not() -> None:
    assert "\n" not in titles.largest(orgs.build(7, names=["a\nb"]), "languages")
