"""The whole product on a real cluster: the chart, the images, the parts around them, and what goes wrong.

`make e2e` finds a cluster, loads the images into it and runs these tests. Each release has a namespace of its own that
enforces Pod Security `restricted`.
"""
