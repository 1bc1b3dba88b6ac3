"""What the IR is: the dialects and the levels they make up. Imports numpy and xdsl only."""
