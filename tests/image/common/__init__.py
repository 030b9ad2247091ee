"""What both variants promise."""
