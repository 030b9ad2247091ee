"""What only the full variant promises."""
