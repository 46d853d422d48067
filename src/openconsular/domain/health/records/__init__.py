"""What is written down before anything is signed: entries, names, products and identifiers."""
