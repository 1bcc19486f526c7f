"""The console: pages for people, at `/` of the API, drawn on the server from what store and model tell.

Does not belong here: judging (monitor, trainer.gate), and changing anything: its buttons ask the admin routes, as
everybody does.
"""
