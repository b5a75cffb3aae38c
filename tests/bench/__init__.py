"""How fast it is, beside a peer on the same machine in the same minute.

A time by itself says as much about the machine as about the program. So each is taken beside
Chaos Toolkit's, turn by turn, and the medians are compared. Goals are told as met or missed;
nothing fails.
"""
