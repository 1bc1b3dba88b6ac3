"""A page that reads handwritten digits: a model that is trained here, and runs and learns in the browser."""
