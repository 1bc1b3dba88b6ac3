"""Each arrow between dialects is a file."""
