"""The script of the Dockerfiles that trims, as a module."""

import importlib.util
from types import ModuleType

from tests.images.recipes import REPOSITORY


def trim_script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("trim", REPOSITORY / "scripts" / "image" / "trim.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
