"""Each pass that stays on its level is a file."""
