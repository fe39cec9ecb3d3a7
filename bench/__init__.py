"""Measurements, side by side with peers. README.md says what each one measures."""
