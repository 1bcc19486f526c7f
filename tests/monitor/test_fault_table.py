"""Each check that can warn or fail has a fault in the table of tests/e2e, which causes it on a real cluster."""

from monitor.judging import CHECK_NAMES
from tests.e2e.fault_table.faults import FAIL, WARN
from tests.e2e.fault_table.table import NOT_CAUSED, all_looks

SIGNS = [sign for look in all_looks() for fault in look.faults for sign in fault.signs]


def test_each_check_has_a_fault_that_it_finds_or_a_reason_why_none_can_be_caused() -> None:
    caused = {sign.check for sign in SIGNS if sign.verdict in {WARN, FAIL}}
    assert sorted([*caused, *NOT_CAUSED]) == sorted(CHECK_NAMES)
    assert all(NOT_CAUSED.values())


def test_no_two_looks_and_no_two_rows_are_called_the_same() -> None:
    names = [look.name for look in all_looks()]
    rows = [(fault.name, sign.check) for look in all_looks() for fault in look.faults for sign in fault.signs]
    assert len(set(names)) == len(names)
    assert len(set(rows)) == len(rows)
