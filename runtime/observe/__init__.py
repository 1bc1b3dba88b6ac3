"""Looking at programs while they run: profiles, guards against NaN, breakpoints."""
