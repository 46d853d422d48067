"""What codes are carried on: drawn squares, pictures, PDFs, archives, and whatever else somebody hands over."""
