"""The migrations of this plugin."""
