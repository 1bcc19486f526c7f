"""What is judged: one function a check, which looks at an observation and gives a judgement, in a file by its subject.

Does not belong here: looking at the store or the cluster (monitor/observation.py, monitor/agreement.py), and telling
what was found.
"""
