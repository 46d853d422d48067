"""Pages of the alerts: answering, the duty console, the approval desk."""
