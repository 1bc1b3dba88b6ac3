"""Fusing computations over index maps: `group` grows one computation, `rules` says what may and should be fused."""
