from copilot_metrics.build import Bundle
from copilot_metrics.metrics.model import File


def test_former_pages_and_charts_of_the_overview_are_outdated() -> None:
    earlier = {
        "": ["README.md", "metrics.json", "overview-2.md", "overview-3.md", "notes.md", "mine.png"],
        "charts/light": ["teams.png", "teams-octo-org.png", "mine.png"],
        "charts/dark": [],
    }
    bundle = Bundle([], [File("README.md", b""), File("overview-2.md", b""), File("charts/light/teams.png", b"")])
    assert bundle.outdated_files(lambda folder: earlier[folder]) == ["overview-3.md", "charts/light/teams-octo-org.png"]
