"""`make bench`: stepwell beside its peers in one run, as ratios, with the spread."""
