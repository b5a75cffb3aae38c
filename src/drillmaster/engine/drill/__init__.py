"""The supervisor and its loop: a drill from its start to the order to undo."""
