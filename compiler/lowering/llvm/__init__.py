"""From control-flow graphs over memory to the `llvm` dialect."""
