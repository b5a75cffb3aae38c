"""Faults that Chaos Toolkit plays: any action, or the method of any experiment.

Each is played in a process of its own, so that what its modules do (hang, exit, change
signals, leave threads) ends with that process, and so that whoever undoes it imports none
of them.
"""
