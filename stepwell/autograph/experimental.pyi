# Written by `python -m stepwell.tools.public_api --write`.

from stepwell.autograph import do_not_convert as do_not_convert


