"""The pip inside a build takes the way to the index that this machine's pip takes, and nothing else."""

from tests.images.pip_settings import pip_config


def test_the_way_to_the_index_is_taken_over_from_files_and_environment() -> None:
    listed = ":env:.cert='/etc/x.crt'\nglobal.index-url='https://index.example/simple'\n:env:.trusted-host='a\\nb'\n"
    assert pip_config(listed) == ("[global]\nindex-url = https://index.example/simple\ntrusted-host = a\n    b\n")


def test_with_no_settings_pip_does_as_it_does_by_default() -> None:
    assert pip_config("") == "[global]\n"
