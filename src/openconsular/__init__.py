"""OpenConsular: with which a foreign ministry serves and protects its citizens abroad."""

__version__ = "0.1.0"
