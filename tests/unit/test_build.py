from copilot_metrics.build import Bundle
from copilot_metrics.metrics.model import File


def test_former_pages_and_charts_of_the_overview_are_outdated() -> None:
    earlier = {
        "": ["README.md", "metrics.json", "overview-2.md", "overview-3.md", "notes.md", "mine.png"],
        "charts": ["teams.png", "teams-octo-org.png", "mine.png"],
    }
    bundle = Bundle([], [File("README.md", b""), File("overview-2.md", b""), File("charts/teams.png", b"")])
    assert bundle.outdated_files(lambda folder: earlier[folder]) == ["overview-3.md", "charts/teams-octo-org.png"]
