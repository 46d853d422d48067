"""E-mail: one file a provider, and a twin that needs none."""
