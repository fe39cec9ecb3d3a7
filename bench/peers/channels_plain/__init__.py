"""The ordinary Channels consumer, measured beside Notalone. It stores nothing."""
