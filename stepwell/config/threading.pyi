# Written by `python -m stepwell.tools.public_api --write`.


def get_inter_op_parallelism_threads() -> int:
    """What `set_inter_op_parallelism_threads` was given; 0 by default."""

def get_intra_op_parallelism_threads() -> int:
    """What `set_intra_op_parallelism_threads` was given; 0 by default."""

def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Keep the setting; a function runs in the thread that calls it."""

def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Keep the setting; an operation runs in the thread that calls it."""
