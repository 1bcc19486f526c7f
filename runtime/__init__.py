"""What every process of this project needs: logging, exit codes, errors with a remedy, the base of all settings.

Does not belong here: anything that knows a shop, a model, a store, SQL or Kubernetes.
"""

__version__ = "0.1.0"
