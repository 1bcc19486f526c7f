"""Each speed claim as a command that measures this project and its peers in one run, on the machine it is typed on.

Does not belong here: anything that a part of the project needs to work, and any assertion on time. What a command
makes lies in a temporary folder and goes with it.
"""
