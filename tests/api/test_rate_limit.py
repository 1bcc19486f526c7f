import pytest

from api.rate_limit import RateLimit, Refusal, network_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limit: RateLimit, address: str, times: int) -> int:
    return sum(limit.take(address) is None for _ in range(times))


def test_a_minutes_requests_are_taken_at_once_and_then_as_they_drip_in(clock: Clock) -> None:
    limit = RateLimit(60, clock)
    assert taken(limit, "10.0.0.1", 100) == 60
    clock.now += 5
    assert taken(limit, "10.0.0.1", 100) == 5
    clock.now += 3600
    assert taken(limit, "10.0.0.1", 100) == 60


@pytest.mark.parametrize("per_minute", [1, 7, 60, 100_000])
def test_a_full_bucket_holds_all_of_a_minute_whatever_the_rate(clock: Clock, per_minute: int) -> None:
    assert taken(RateLimit(per_minute, clock), "10.0.0.1", per_minute + 5) == per_minute


def test_a_refusal_says_how_long_to_wait_and_whether_it_is_the_first(clock: Clock) -> None:
    limit = RateLimit(2, clock)
    taken(limit, "10.0.0.1", 2)
    assert limit.take("10.0.0.1") == Refusal(wait_seconds=30.0, is_first=True)
    clock.now += 10
    assert limit.take("10.0.0.1") == Refusal(wait_seconds=20.0, is_first=False)
    assert limit.refused("10.0.0.1") == Refusal(wait_seconds=20.0, is_first=False)
    clock.now += 20
    assert limit.refused("10.0.0.1") is None
    assert limit.take("10.0.0.1") is None
    assert limit.take("10.0.0.1") == Refusal(wait_seconds=30.0, is_first=True)


def test_looking_counts_nothing(clock: Clock) -> None:
    limit = RateLimit(2, clock)
    assert [limit.refused("10.0.0.1") for _ in range(10)] == [None] * 10
    assert taken(limit, "10.0.0.1", 5) == 2


def test_one_address_does_not_use_up_what_another_has(clock: Clock) -> None:
    limit = RateLimit(2, clock)
    assert taken(limit, "10.0.0.1", 5) == taken(limit, "10.0.0.2", 5) == 2


def test_however_many_addresses_ask_only_so_many_are_kept_and_those_that_ask_most_stay(clock: Clock) -> None:
    limit = RateLimit(2, clock, most_addresses=10)
    answers = []
    for number in range(1000):
        limit.take(f"10.1.{number // 250}.{number % 250}")
        answers.append(limit.take("10.0.0.1"))
    assert len(limit._buckets) == 10
    assert answers.count(None) == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("x" * 100_000, "unknown"),
    ],
)
def test_what_counts_as_one_client(address: str, network: str) -> None:
    assert network_of(address) == network
