"""Web push: notices on the devices of those who want them there, also when no page is open."""
