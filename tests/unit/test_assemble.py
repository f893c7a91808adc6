from copilot_metrics.assemble import Made
from copilot_metrics.metrics.model import File


def test_pages_and_charts_of_the_overview_that_are_made_no_longer_are_outdated() -> None:
    there = {
        "": ["README.md", "metrics.json", "overview-2.md", "overview-3.md", "notes.md", "mine.png"],
        "charts": ["teams.png", "teams-octo-org.png", "mine.png"],
    }
    made = Made([], [File("README.md", b""), File("overview-2.md", b""), File("charts/teams.png", b"")], {})
    assert made.outdated(lambda folder: there[folder]) == ["overview-3.md", "charts/teams-octo-org.png"]
