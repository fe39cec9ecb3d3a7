"""What Notalone is measured beside."""
