"""What tests this project alone: planted bugs, fuzz workers, proofs, programs for its own tests; not installed."""
