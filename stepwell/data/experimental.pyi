# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable
from stepwell.data import Dataset

def ignore_errors(log_warning: bool = False) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that skips elements with errors: see `Dataset.ignore_errors`."""
