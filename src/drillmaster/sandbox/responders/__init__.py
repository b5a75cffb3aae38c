"""Simulated responders: one process that takes the part of people in a drill.

They are paged by webhook and act through the same doors as people: the links on their
page, and the sandbox's admin API with their own token, or a cluster's API with their own
kubeconfig.
"""

from drillmaster.sandbox.responders.launch import Responders, start
from drillmaster.sandbox.responders.settings import Login, Part, Settings

__all__ = ["Login", "Part", "Responders", "Settings", "start"]
