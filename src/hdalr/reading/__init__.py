"""Reading: from what the nets see to the most probable text that is allowed."""
