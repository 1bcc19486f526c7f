"""What holds for every test: real parts, an environment of its own, and no test that is skipped without a word."""

import hypothesis

# In an order in which none is imported by another before.
pytest_plugins = [
    "tests.parts.fixtures",
    "tests.parts.isolation",
    "tests.parts.skips",
    "tests.cluster.fixtures",
    "tests.kubernetes.fixtures",
]

# The machine is shared: how long an example takes says nothing about the code.
hypothesis.settings.register_profile("shared machine", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("shared machine")
