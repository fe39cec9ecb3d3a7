"""The least relay there can be: it shows what the load client itself can do."""
