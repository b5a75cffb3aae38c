"""Drillmaster as a Chaos Toolkit extension: its faults and probes for any experiment.

`drillmaster plan DRILL --format chaostoolkit` writes an experiment that uses them, and
`chaos discover drillmaster` lists them.
"""
