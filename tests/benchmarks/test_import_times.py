from benchmarks.import_times import summed_by_package

TOLD = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   zipimport
{"level": "INFO", "message": "a log line between"}
import time:       300 |        400 |     numpy.linalg
import time:      2000 |       2300 |   numpy
import time:        40 |         40 | trainer.reading.extract
import time:        50 |         50 | trainer
"""


def test_own_time_is_summed_by_top_package_longest_first() -> None:
    seconds = summed_by_package(TOLD)
    assert list(seconds) == ["numpy", "standard library", "this project"]
    assert [round(1e6 * value) for value in seconds.values()] == [2300, 100, 90]
