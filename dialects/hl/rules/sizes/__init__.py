"""Rules about sizes: formulas, what is known of them, and checks of those known only at run time."""
