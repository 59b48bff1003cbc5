"""What is written about a dataset: card, datasheet, Croissant, figures, review pages."""
