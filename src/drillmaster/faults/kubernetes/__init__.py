"""Faults on a Kubernetes cluster: one file a family.

They are carried out by requests of our own. Chaos Toolkit's actions for Kubernetes cannot
write the mark and the change in one request, nor make it conditional on what was read, nor try
it as a dry run; without that, a fault could not be undone by the cluster alone.
"""
