"""The steps of `openconsular certificates`, by subject. Each adds its parsers and names the function that does it."""
