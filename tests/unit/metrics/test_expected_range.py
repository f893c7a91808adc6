import math

import pytest

from copilot_metrics.metrics import expected_range


def tail(people: int, share: float, high: int) -> float:
    return sum(math.comb(people, count) * share**count * (1 - share) ** (people - count) for count in range(high + 1))


@pytest.mark.parametrize("people", [1, 2, 5, 6, 17, 24, 100, 412])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.803, 0.99])
def test_a_number_with_a_rare_tail_is_outside_the_range(people: int, share: float) -> None:
    band = expected_range.band(people, share)
    assert band
    for active in range(people + 1):
        rare = (
            tail(people, share, active) < expected_range.RARE
            or tail(people, 1 - share, people - active) < expected_range.RARE
        )
        assert (active in band) is not rare


def test_one_person_is_always_in_the_range() -> None:
    assert expected_range.band(1, 0.8) == (0, 1)


def test_zero_of_five_people_is_outside_the_range_of_a_high_share() -> None:
    band = expected_range.band(5, 0.803)
    assert band
    assert 0 not in band
    assert 1 in band
    assert 5 in band


@pytest.mark.parametrize(("people", "share"), [(0, 0.5), (10, 0.0), (10, 1.0)])
def test_without_people_or_chance_there_is_no_range(people: int, share: float) -> None:
    assert expected_range.band(people, share) is None


def test_the_range_of_many_people_is_three_standard_deviations() -> None:
    band = expected_range.band(100_000, 0.4)
    assert band
    assert band.low / 100_000 == pytest.approx(0.4 - 3 * math.sqrt(0.24 / 100_000), abs=0.0001)
    assert band.high / 100_000 == pytest.approx(0.4 + 3 * math.sqrt(0.24 / 100_000), abs=0.0001)
