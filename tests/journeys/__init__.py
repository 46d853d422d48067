"""End to end, in a real browser, against the real ASGI application: what citizens and officers do."""
