"""The world's warning feeds: fetched over HTTP or read from a folder, and taken apart into single alerts."""
