from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from copilot_metrics.metrics.overview import Overview
from copilot_metrics.render import bundle
from copilot_metrics.render.charts import draw_teams, look, teams
from copilot_metrics.render.charts.canvas import sheet
from copilot_metrics.scope import Scope
from support.drawings import HOSTILE, Recorder, overlaps
from support.teams import many, organization, team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_metrics.metrics.model import Report

ALL = organization("orgs/octo-org", (331, 412))
EVEN = [team(f"even-{number}", (8, 10 + number)) for number in range(5)]


def recorded(*reports: Report) -> Recorder:
    with sheet():
        canvas = Recorder()
        teams.draw(canvas, Overview(reports).team_groups[0])
    return canvas


def title(*reports: Report) -> str:
    return teams.title(Overview(reports).team_groups[0])


def test_the_chart_is_a_wide_png_named_teams() -> None:
    chart = draw_teams(Overview([ALL, *EVEN]).team_groups)[0]
    assert chart.name == "teams"
    assert chart.png
    assert Image.open(io.BytesIO(chart.png)).size[0] == look.WIDTH
    assert chart.png == draw_teams(Overview([*EVEN, ALL]).team_groups)[0].png


@pytest.mark.parametrize(
    ("more", "title_text"),
    [
        ([], "None of the 5 teams of octo-org is outside the expected range"),
        ([("low", (1, 30))], "One of the 6 teams of octo-org is below the expected range"),
        ([("high", (60, 60))], "One of the 6 teams of octo-org is above the expected range"),
        (
            [("low", (1, 30)), ("less", (2, 30)), ("high", (60, 60))],
            "Two of the 8 teams of octo-org are below the expected range, one above",
        ),
    ],
)
def test_the_title_states_the_finding(more: Sequence[tuple[str, tuple[int, int]]], title_text: str) -> None:
    assert title(ALL, *EVEN, *(team(*one) for one in more)) == title_text


def test_without_the_organization_there_is_no_band_and_nobody_is_outside() -> None:
    low = team("low", (1, 30))
    assert title(*EVEN, low) == "Licensed people who are active, in 6 teams of octo-org"
    drawn = recorded(*EVEN, low)
    assert look.SHADE not in {color for *_, color in drawn.boxes}
    assert "low" not in drawn.words
    assert look.SHADE in {color for *_, color in recorded(ALL, *EVEN).boxes}


def test_only_teams_outside_are_named() -> None:
    words = recorded(ALL, *EVEN, team("low", (1, 30))).words
    assert "low" in words
    assert not any(word.startswith("even") for word in words)


def test_every_team_has_a_point_on_a_scale_from_zero() -> None:
    drawn = recorded(ALL, *EVEN, team("low", (0, 30)), team("everybody", (250, 300)))
    points = [point for marks, _ in drawn.all_marks for point in marks]
    assert len(points) == 7
    zero = max(y for _, y in points)
    assert any(text == "0%" and top < zero < bottom for text, (_, top, _, bottom) in drawn.texts)
    assert all(0 < x < look.WIDTH for x, _ in points)


def test_no_text_overlaps_another_or_the_edge() -> None:
    low = [team(f"a-team-with-quite-a-long-name-{n:02}", (n % 7 * 2, 20 + n * 5)) for n in range(60)]
    drawn = recorded(ALL, *EVEN, *low)
    assert overlaps(drawn.texts) == []
    assert all(result >= 0 and right <= look.WIDTH for _, (result, _, right, _) in drawn.texts)
    named = sum("quite" in word or "…" in word for word in drawn.words)
    assert 5 < named < 60
    assert any(f"{60 - named} more outside: in the tables" in word for word in drawn.words)


def test_names_of_any_kind_are_drawn() -> None:
    items = []
    for place, name in enumerate(filter(None, HOSTILE)):
        one = team("blue", (0, 20 + 9 * place))
        items.append(replace(one, scope=Scope("orgs", "octo-org", name)))
    assert overlaps(recorded(ALL, *EVEN, *items).texts) == []


def test_teams_of_one_size_with_everybody_active_are_drawn() -> None:
    same = [team(f"t{number}", (5, 5)) for number in range(5)]
    assert title(organization("orgs/octo-org", (412, 412)), *same) == (
        "None of the 5 teams of octo-org is outside the expected range"
    )
    assert recorded(organization("orgs/octo-org", (412, 412)), *same).all_marks


def test_six_hundred_teams_make_one_small_picture() -> None:
    chart = draw_teams(Overview(many(600)).team_groups)[0]
    assert chart.png
    assert len(chart.png) < 80_000


def test_each_organization_with_enough_teams_has_a_chart_of_its_own() -> None:
    of = [
        team(f"{account}/team/t{number}", (5, 6))
        for account in ("orgs/octo-org", "orgs/octo-labs", "orgs/acme", "enterprises/acme")
        for number in range(5)
    ]
    few = [team("orgs/few/team/t", (5, 6))]
    names = [chart.name for chart in bundle.draw_overview([*of, *few], "auto")]
    assert names == ["teams-enterprises-acme", "teams-orgs-acme", "teams-octo-labs", "teams-octo-org"]
    assert all(bundle.is_overview_file(f"charts/{name}.png") for name in names)


def test_nothing_is_drawn_of_few_teams_or_where_no_charts_are_wanted() -> None:
    assert bundle.draw_overview([ALL, *EVEN], "false") == ()
    assert bundle.draw_overview([ALL, *EVEN[:4]], "true") == ()
    assert len(bundle.draw_overview([ALL, *EVEN], "true")) == 1


@pytest.mark.parametrize("path", ["charts/ours.png", "README.md", "metrics.json", "charts/teamsters.png", "notes.md"])
def test_files_that_are_none_of_ours_are_left_alone(path: str) -> None:
    assert not bundle.is_overview_file(path)
