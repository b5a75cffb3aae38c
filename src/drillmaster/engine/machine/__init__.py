"""The machine side, in a process of its own: faults, round by round."""
